using System.Globalization;
using System.Runtime.InteropServices;
using Notebook.Cli.Testing;
using Notebook.Raft.Tests.Simulation;

namespace Notebook.RaftCampaign;

/// <summary>
/// Runs the Raft simulation with <c>SEEDS</c> seeds from <c>FIRST</c> on, and prints a <see cref="CampaignLine"/> for each
/// that passed and for one that failed. <c>./notebook test raft --seeds N</c> starts it; it ends when its standard input
/// does, so that it never outlives who reads it.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        // Ctrl-C reaches all processes of the terminal: the command that reads this decides what comes of it.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        new Thread(EndWithInput) { IsBackground = true }.Start();

        var (first, seeds) = (int.Parse(args[0], CultureInfo.InvariantCulture), int.Parse(args[1], CultureInfo.InvariantCulture));
        var passed = 0;
        var failure = Campaign.Run(first, seeds, Environment.ProcessorCount, Campaign.Check,
            () => Console.Out.WriteLine(new CampaignLine(++passed, null).Write()));
        if (failure is null) return 0;
        Console.Out.WriteLine(new CampaignLine(passed, new CampaignFailure(
            failure.Seed, failure.Simulation, failure.Checker, failure.Found, failure.Story())).Write());
        return 1;
    }

    private static void EndWithInput()
    {
        while (Console.In.Read() >= 0)
        {
        }
        Environment.Exit(1);
    }
}
