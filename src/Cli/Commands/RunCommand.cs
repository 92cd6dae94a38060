using System.CommandLine;
using System.Globalization;
using Notebook.Cli.Notebooks;
using Notebook.Cli.Platform;
using Notebook.Hosting;
using Spectre.Console;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook run</c>: a notebook file through the platform, its outputs written into it.</summary>
internal sealed class RunCommand(CommonOptions common, TimeProvider time)
{
    private readonly Argument<string> _notebook = new("notebook") { Description = "The notebook to run (nbformat 4)." };
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Where to write it with its outputs (default: over the notebook itself).", HelpName = "FILE" };
    private readonly Option<string?> _kernel = new("--kernel") { Description = "Name of the kernelspec (default: the notebook's own, else python3).", HelpName = "NAME" };
    private readonly Option<double?> _timeout = new("--timeout") { Description = "The longest time for one cell (default: no limit).", HelpName = "SECONDS" };
    private readonly Option<bool> _allowErrors = new("--allow-errors") { Description = "Go on behind a cell that fails." };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("run", "Run a notebook through the platform and write its outputs.") { _notebook, _output, _kernel, _timeout, _allowErrors };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var signals = new StopSignals();
        var path = Path.GetFullPath(parsed.GetRequiredValue(_notebook));
        var output = Path.GetFullPath(parsed.GetValue(_output) ?? path);
        var timeout = parsed.GetValue(_timeout);
        if (timeout is <= 0 or > 1e6) throw new UserException($"--timeout {timeout}: a number of seconds above 0", ExitCodes.Usage);
        var notebook = NotebookDocument.Load(path);
        if (!Directory.Exists(Path.GetDirectoryName(output))) throw new UserException($"--output {output}: there is no such folder", ExitCodes.Usage);

        var (gateway, token) = RunningGateway.Find(common.FindData(parsed), common.DataPath(parsed));
        var start = time.GetTimestamp();
        using var kernels = new KernelsClient(gateway, token);
        var name = parsed.GetValue(_kernel) ?? notebook.KernelName ?? "python3";
        var kernel = await kernels.StartAsync(name, Path.GetDirectoryName(path)!, signals.Token);
        RunOutcome outcome;
        try
        {
            outcome = await RunAsync(notebook, kernels, gateway, token, kernel, parsed, signals.Token);
        }
        finally
        {
            notebook.Save(output);
            await kernels.EndAsync(kernel);
        }

        if (outcome is RunOutcome.CellFailed(var number, var error))
            throw new UserException($"cell {number} failed: {error} (outputs so far are in {output})");
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"ran {notebook.CodeCells.Count(c => c.IsToRun)} cells in {time.GetElapsedTime(start).TotalSeconds:0.0} s; outputs are in {output}"));
        return ExitCodes.Ok;
    }

    private async Task<RunOutcome> RunAsync(
        NotebookDocument notebook, KernelsClient kernels, Uri gateway, string token, string kernel, ParseResult parsed, CancellationToken cancel)
    {
        var channels = new UriBuilder(new Uri(gateway, $"api/kernels/{kernel}/channels?session_id={Guid.NewGuid():N}")) { Scheme = "ws" }.Uri;
        await using var socket = new KernelSocket(channels, token, time);
        await socket.OpenAsync(cancel);
        var limit = parsed.GetValue(_timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var runner = new NotebookRunner(socket, c => kernels.StateAsync(kernel, c), limit, parsed.GetValue(_allowErrors), time);

        if (Console.IsErrorRedirected) return await runner.RunAsync(notebook, _ => { }, cancel);
        var screen = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await screen.Progress().AutoClear(true).StartAsync(async progress =>
        {
            var bar = progress.AddTask("cells", maxValue: Math.Max(1, notebook.CodeCells.Count));
            return await runner.RunAsync(notebook, _ => bar.Increment(1), cancel);
        });
    }
}
