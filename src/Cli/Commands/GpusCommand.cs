using System.CommandLine;
using System.Text.Json.Nodes;
using Notebook.Cli.Gpus;
using Notebook.Cli.Platform;
using Notebook.Cli.Supervision;
using Notebook.Hosting;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook gpus</c>: this machine's GPUs as its driver says, and those of the platform's servers where it runs.</summary>
internal sealed class GpusCommand(CommonOptions common)
{
    private readonly Option<bool> _json = new("--json") { Description = "As JSON, for programs." };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("gpus", "Show this machine's GPUs and its driver, and the servers' GPUs where the platform runs.") { _json };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var report = GpuReport.Of(MachineGpus.Read(), await ClusterAsync(parsed, cancel));
        if (parsed.GetValue(_json)) Console.Out.WriteLine(report.ToJsonString(Json.Options));
        else foreach (var line in GpuLines.Of(report)) Console.Out.WriteLine(line);
        return GpuLines.HasAny(report) ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private async Task<JsonObject?> ClusterAsync(ParseResult parsed, CancellationToken cancel)
    {
        if (common.FindData(parsed) is not { } data) return null;
        if (RunRecord.Read(data)?.Processes.FirstOrDefault(p => p.Role == "silo") is not { Process.IsAlive: true } silo) return null;
        using var admin = new AdminClient(new Uri(silo.Address), Secrets.Token(data));
        return await admin.ClusterAsync(cancel);
    }
}
