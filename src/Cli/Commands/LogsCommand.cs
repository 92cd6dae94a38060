using System.CommandLine;
using Notebook.Cli.Logs;
using Notebook.Hosting;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook logs</c>: the logs of all processes as one, readable, in the order of time.</summary>
internal sealed class LogsCommand(CommonOptions common, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly Argument<string?> _process = new("process") { Description = "Of one process only: silo, gateway, agent-1, up, ...", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _follow = new("-f", "--follow") { Description = "Go on as it grows." };
    private readonly Option<string?> _kernel = new("--kernel") { Description = "About one kernel only; the start of its id is enough.", HelpName = "ID" };
    private readonly Option<int> _tail = new("--tail") { Description = "How many events to begin with.", HelpName = "N", DefaultValueFactory = _ => 200 };
    private readonly Option<bool> _json = new("--json") { Description = "As JSON, one object a line." };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("logs", "Show what the processes did.") { _process, _follow, _kernel, _tail, _json };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var data = common.FindData(parsed)
            ?? throw new UserException($"there are no logs: no data directory at {common.DataPath(parsed)}");
        var tail = parsed.GetValue(_tail);
        if (tail is < 0 or > 1_000_000) throw new UserException($"--tail {tail}: between 0 and 1000000", ExitCodes.Usage);

        var reader = new LogReader(data, new LogFilter(parsed.GetValue(_process), parsed.GetValue(_kernel)));
        Func<LogLine, string> show = parsed.GetValue(_json)
            ? line => System.Text.Json.JsonSerializer.Serialize(line, Json.OneLine)
            : line => line.Render();
        foreach (var line in reader.Tail(tail)) Console.Out.WriteLine(show(line));
        while (parsed.GetValue(_follow))
        {
            await Task.Delay(Look, time, cancel);
            foreach (var line in reader.Next()) Console.Out.WriteLine(show(line));
        }

        return ExitCodes.Ok;
    }
}
