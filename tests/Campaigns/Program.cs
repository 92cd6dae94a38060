using System.Globalization;
using System.Runtime.InteropServices;
using Notebook.Cli.Testing;
using Notebook.TestKit;

namespace Notebook.Campaigns;

/// <summary>
/// <c>KIND FIRST SEEDS</c>: runs a simulation with <c>SEEDS</c> seeds from <c>FIRST</c> on, and prints a <see cref="CampaignLine"/>
/// for each that passed and for one that failed. <c>./notebook test raft --seeds N</c> and its like start it; it ends when its
/// standard input does, so that it never outlives who reads it.
/// </summary>
internal static class Program
{
    private static readonly Dictionary<string, Func<int, Func<CampaignFailure>?>> s_kinds = new()
    {
        ["raft"] = RaftSeeds.Check,
#if !ORLEANS_HOST
        ["simulation"] = SimulationSeeds.Check,
#endif
    };

    private static int Main(string[] args)
    {
        // Ctrl-C reaches all processes of the terminal: the command that reads this decides what comes of it.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        new Thread(EndWithInput) { IsBackground = true }.Start();

        var (first, seeds) = (int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
        var passed = 0;
        var failure = SeedRun.LowestFailure(
            first, seeds, Environment.ProcessorCount, s_kinds[args[0]], () => Console.Out.WriteLine(new CampaignLine(++passed, null).Write()));
        if (failure is null) return 0;
        Console.Out.WriteLine(new CampaignLine(passed, failure()).Write());
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
