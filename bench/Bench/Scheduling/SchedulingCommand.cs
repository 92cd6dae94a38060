using System.CommandLine;
#if !ORLEANS_HOST
using Notebook.Bench.Scheduling.Control;
#endif

namespace Notebook.Bench.Scheduling;

/// <summary><c>scheduling</c>: what placing, leasing and moving cost.</summary>
internal static class SchedulingCommand
{
    private static readonly string[] s_parts =
    [
#if !ORLEANS_HOST
        "control",
#endif
        "cell", "move",
    ];

    public static Command Build()
    {
        var part = PartsCommand.Part(s_parts);
#if !ORLEANS_HOST
        var servers = PartsCommand.Number("--servers", 1000, "control: servers.");
        var gpus = PartsCommand.Number("--gpus", 8, "control: GPUs of a server.");
        var kernels = PartsCommand.Number("--kernels", 20_000, "control: kernels that there are already.");
        var rounds = PartsCommand.Number("--rounds", 2000, "control: kernels that are placed, and cells that lease a GPU.");
        var folder = new Option<string?>("--folder") { Description = "control: where the grains' state is written; a temporary folder when left out." };
#endif
        var cells = PartsCommand.Number("--cells", 300, "cell: cells on each side.");
        var warmUp = PartsCommand.Number("--warm-up", 50, "cell: cells on each side before those that count.");
        var moves = PartsCommand.Number("--moves", 10, "move: how often a replica moves.");
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("scheduling", "Placing and leasing in a large cluster, cells that need a GPU, and replicas that move, each beside its bound.")
        {
#if !ORLEANS_HOST
            servers, gpus, kernels, rounds, folder,
#endif
            part, cells, warmUp, moves, json,
        };
        Task<PartReport> RunPartAsync(ParseResult parsed, string name, Progress progress, CancellationToken stop) => name switch
        {
#if !ORLEANS_HOST
            "control" => PartsCommand.InFolderAsync("scheduling", parsed.GetValue(folder), at => ControlPart.RunAsync(
                at, new(parsed.GetValue(servers), parsed.GetValue(gpus), parsed.GetValue(kernels), parsed.GetValue(rounds)), progress, stop)),
#endif
            "cell" => GpuCellsPart.RunAsync(parsed.GetValue(cells), parsed.GetValue(warmUp), progress, stop),
            _ => MovePart.RunAsync(parsed.GetValue(moves), progress, stop),
        };
        command.SetAction((parsed, cancel) => PartsCommand.RunAsync(
            parsed.GetValue(part)!, parsed.GetValue(json), (name, progress, stop) => RunPartAsync(parsed, name, progress, stop), cancel));
        return command;
    }
}
