using System.CommandLine;
using System.Diagnostics;
using Notebook.Cli.Setup;
using Notebook.Hosting;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook bench</c>: builds <c>bench/Bench</c> and runs it.</summary>
internal sealed class BenchCommand(Installation installation, TimeProvider time)
{
    private readonly Argument<string[]> _arguments = new("name") { Description = "Which benchmark, and its options; none lists them.", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("bench", "Run a benchmark.") { _arguments };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var project = Path.Combine("bench", "Bench", "Bench.csproj");
        if (!File.Exists(Path.Combine(installation.Root, project))) throw new UserException($"there are no benchmarks at {Path.Combine(installation.Root, project)}");
        await Console.Error.WriteLineAsync("building the benchmarks...");
        var build = await new ProjectBuild(installation, time).RunAsync(project, cancel);
        if (!build.Succeeded) throw new UserException($"the benchmarks do not build: {build.LastLine}");

        var info = new ProcessStartInfo(installation.Dotnet);
        info.ArgumentList.Add(Path.Combine(installation.Root, "artifacts", "bin", "Bench", "release", "Notebook.Bench.dll"));
        foreach (var argument in RawArguments.Behind("bench")) info.ArgumentList.Add(argument);
        info.Environment["NOTEBOOK_ROOT"] = installation.Root;
        using var bench = Process.Start(info) ?? throw new UserException("the benchmark did not start");
        await bench.WaitForExitAsync(cancel);
        return bench.ExitCode;
    }
}
