using System.CommandLine;
using Notebook.Cli.Supervision;
using Notebook.Hosting;
using Notebook.Hosting.Processes;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook down</c>: ends the platform of a data directory, also where its supervisor was killed.</summary>
internal sealed class DownCommand(CommonOptions common, TimeProvider time)
{
    // Gateway, agents and silo may each take their whole grace, one after the other.
    private static readonly TimeSpan SupervisorGrace = TimeSpan.FromSeconds(45);

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("down", "Stop the platform on this machine.");
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var data = common.FindData(parsed);
        var supervised = data is not null && RunRecord.Read(data) is { IsSupervised: true };
        if (supervised) await ProcessEnding.EndAsync(RunRecord.Read(data!)!.Supervisor, SupervisorGrace, time);
        var orphans = data is null ? 0 : await Orphans.EndAsync(data, time);
        Console.Out.WriteLine((supervised, orphans) switch
        {
            (false, 0) => $"nothing runs with the data directory {common.DataPath(parsed)}",
            (false, _) => $"stopped {orphans} processes whose supervisor had been killed",
            _ => "stopped",
        });
        return ExitCodes.Ok;
    }
}
