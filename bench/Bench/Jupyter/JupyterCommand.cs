using System.CommandLine;

namespace Notebook.Bench.Jupyter;

/// <summary><c>jupyter</c>: the platform as a notebook's user meets it, beside a stock Jupyter Server and an ipykernel alone.</summary>
internal static class JupyterCommand
{
    private static readonly string[] s_parts = ["server", "direct", "output", "interrupt", "idle"];

    public static Command Build()
    {
        var part = PartsCommand.Part(s_parts);
        var cells = PartsCommand.Number("--cells", 500, "server, direct: cells on each side.");
        var warmUp = PartsCommand.Number("--warm-up", 100, "server, direct: cells on each side before those that count.");
        var rounds = PartsCommand.Number("--rounds", 5, "output: how often each output is made on each side.");
        var interrupts = PartsCommand.Number("--interrupts", 50, "interrupt: how often each cell is interrupted by each way.");
        var kernels = PartsCommand.Number("--kernels", 200, "idle: kernels, with a client each.");
        var window = PartsCommand.Number("--window", 60, "idle: seconds that are looked at.");
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("jupyter", "Cells, large outputs, interrupts and idle clients, beside a stock Jupyter Server and an ipykernel alone in the same run.")
        {
            part, cells, warmUp, rounds, interrupts, kernels, window, json,
        };
        command.SetAction((parsed, cancel) => PartsCommand.RunAsync(
            parsed.GetValue(part)!,
            parsed.GetValue(json),
            (name, progress, stop) => name switch
            {
                "server" => CellsPart.BesideServerAsync(parsed.GetValue(cells), parsed.GetValue(warmUp), progress, stop),
                "direct" => CellsPart.BesideKernelAsync(parsed.GetValue(cells), parsed.GetValue(warmUp), progress, stop),
                "output" => OutputPart.RunAsync(parsed.GetValue(rounds), progress, stop),
                "interrupt" => InterruptPart.RunAsync(parsed.GetValue(interrupts), progress, stop),
                _ => IdleClientsPart.RunAsync(parsed.GetValue(kernels), TimeSpan.FromSeconds(parsed.GetValue(window)), progress, stop),
            },
            cancel));
        return command;
    }
}
