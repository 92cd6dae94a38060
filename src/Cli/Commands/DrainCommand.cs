using System.CommandLine;
using System.Text.Json.Nodes;
using Notebook.Cli.Platform;
using Notebook.Cli.Supervision;
using Notebook.Hosting;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook drain SERVER</c>: empties a server, so that it can be switched off: its replicas move to others, one by one.</summary>
internal sealed class DrainCommand(CommonOptions common, TimeProvider time)
{
    private readonly Argument<string> _server = new("SERVER") { Description = "The server's id, as 'notebook status' shows it." };
    private readonly Option<bool> _undo = new("--undo") { Description = "Use the server again." };
    private readonly Option<bool> _noWait = new("--no-wait") { Description = "Return at once; 'notebook status' shows how far it is." };
    private readonly Option<bool> _json = new("--json") { Description = "As JSON, for programs." };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("drain", "Empty a server: nothing new is placed on it, and its replicas move away.") { _server, _undo, _noWait, _json };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var server = parsed.GetRequiredValue(_server);
        var drain = !parsed.GetValue(_undo);
        var record = common.FindData(parsed) is { } data ? RunRecord.Read(data) : null;
        if (record?.Processes.FirstOrDefault(p => p.Role == "silo") is not { Process.IsAlive: true } silo)
            throw new UserException($"no silo runs with the data directory {common.DataPath(parsed)}: 'notebook up' starts one");
        using var admin = new AdminClient(new Uri(silo.Address), Secrets.Token(common.OpenData(parsed)));
        (int, string?) shown = default;
        while (true)
        {
            var answer = await admin.DrainAsync(server, drain, cancel);
            var (left, reason) = ((int)answer["replicas"]!, (string?)answer["reason"]);
            var isOver = !drain || left == 0 || parsed.GetValue(_noWait);
            if (isOver || (shown != (left, reason) && !parsed.GetValue(_json))) Show(server, drain, left, reason, answer, parsed);
            if (isOver) return ExitCodes.Ok;
            shown = (left, reason);
            await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancel);
        }
    }

    private void Show(string server, bool drain, int left, string? reason, JsonObject answer, ParseResult parsed)
    {
        if (parsed.GetValue(_json)) Console.Out.WriteLine(answer.ToJsonString(Json.Options));
        else if (!drain) Console.Out.WriteLine($"server {server} is used again");
        else if (left == 0) Console.Out.WriteLine($"server {server} is empty");
        else Console.Out.WriteLine($"server {server}: {left} {(left == 1 ? "replica" : "replicas")} left{(reason is null ? "" : $"; {reason}")}");
    }
}
