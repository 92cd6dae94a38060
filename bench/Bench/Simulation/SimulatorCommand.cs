using System.CommandLine;
using Notebook.Simulator.Traces;

namespace Notebook.Bench.Simulation;

/// <summary><c>simulator</c>: how long simulated time takes.</summary>
internal static class SimulatorCommand
{
    private static readonly string[] s_parts = ["month", "growth", "large"];

    public static Command Build()
    {
        var part = PartsCommand.Part(s_parts);
        var trace = new Option<FileInfo?>("--trace") { Description = "month: the trace; a synthetic one like the June trace when left out." };
        var cells = PartsCommand.Number("--cells", 5_000, "growth: cells of the smaller trace.");
        var servers = PartsCommand.Number("--servers", 1_000, "large: servers at least.");
        var sessions = PartsCommand.Number("--sessions", 10_000, "large: sessions.");
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("simulator", "A month of work in virtual time, ten times as many cells, and a thousand servers, each beside its bound.")
        {
            part, trace, cells, servers, sessions, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(trace) is { } file && TraceReader.ReadFile(file.FullName, new TraceRules()) is not TraceReading.Read)
                result.AddError($"--trace {file.Name}: it cannot be read as a trace: './notebook simulate {file.Name}' says why");
        });
        command.SetAction((parsed, cancel) => PartsCommand.RunAsync(
            parsed.GetValue(part)!, parsed.GetValue(json),
            (name, progress, stop) => Task.Run(
                () => name switch
                {
                    "month" => MonthPart.Run(parsed.GetValue(trace)?.FullName, progress, stop),
                    "growth" => GrowthPart.Run(parsed.GetValue(cells), progress, stop),
                    _ => LargePart.Run(parsed.GetValue(servers), parsed.GetValue(sessions), progress, stop),
                },
                stop),
            cancel));
        return command;
    }
}
