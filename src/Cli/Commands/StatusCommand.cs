using System.CommandLine;
using System.Text.Json.Nodes;
using Notebook.Cli.Platform;
using Notebook.Cli.Status;
using Notebook.Cli.Supervision;
using Notebook.Hosting;
using Notebook.Hosting.Processes;
using Spectre.Console;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook status</c>: processes, servers, kernels, replicas, GPUs and queue.</summary>
internal sealed class StatusCommand(CommonOptions common, TimeProvider time)
{
    private readonly Option<bool> _json = new("--json") { Description = "As JSON, for programs." };
    private readonly Option<bool> _watch = new("--watch") { Description = "Again every second, until Ctrl-C." };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("status", "Show servers, kernels, replicas, GPUs and the queue.") { _json, _watch };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        while (true)
        {
            var record = common.FindData(parsed) is { } data ? RunRecord.Read(data) : null;
            var added = common.FindData(parsed) is { } folder ? LocalServer.ReadAll(folder) : [];
            var report = StatusReport.Of(record, await ClusterAsync(parsed, record, cancel), added);
            var runs = report["processes"] is JsonArray { Count: > 0 };
            if (parsed.GetValue(_watch) && !parsed.GetValue(_json)) AnsiConsole.Clear();
            Show(report, record, runs, parsed);
            if (!parsed.GetValue(_watch)) return runs ? ExitCodes.Ok : ExitCodes.Failed;
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancel);
        }
    }

    private void Show(JsonObject report, RunRecord? record, bool runs, ParseResult parsed)
    {
        if (parsed.GetValue(_json))
        {
            Console.Out.WriteLine(report.ToJsonString(parsed.GetValue(_watch) ? Json.OneLine : Json.Options));
            return;
        }

        if (!runs)
        {
            Console.Out.WriteLine($"nothing runs with the data directory {common.DataPath(parsed)} ('notebook up' starts it)");
            return;
        }

        AnsiConsole.Write(StatusScreen.Render(report));
        if (record is { IsSupervised: false })
            Console.Out.WriteLine("\nthe supervisor of these processes was killed: 'notebook up' starts afresh, 'notebook down' ends them");
    }

    private async Task<JsonObject?> ClusterAsync(ParseResult parsed, RunRecord? record, CancellationToken cancel)
    {
        if (record?.Processes.FirstOrDefault(p => p.Role == "silo") is not { Process.IsAlive: true } silo) return null;
        using var admin = new AdminClient(new Uri(silo.Address), Secrets.Token(common.OpenData(parsed)));
        return await admin.ClusterAsync(cancel);
    }
}
