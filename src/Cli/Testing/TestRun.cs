using System.Collections.Immutable;
using System.Globalization;
using Notebook.Cli.Setup;
using Notebook.Hosting;

namespace Notebook.Cli.Testing;

/// <summary>Builds the solution and runs the test projects.</summary>
internal sealed class TestRun(Installation installation, TimeProvider time, CancellationToken cancel)
{
    private static readonly TimeSpan ProjectWithin = TimeSpan.FromMinutes(22);
    private const string TestWithin = "8m";   // one that hangs is named then

    private readonly ProjectBuild _build = new(installation, time);

    private string Results => Path.Combine(installation.Root, "artifacts", "test-results");

    /// <summary>Builds everything.</summary>
    /// <exception cref="UserException">It does not build; the errors have been printed.</exception>
    public async Task BuildAsync()
    {
        var build = await _build.RunAsync("Notebook.Orleans.sln", cancel);
        if (build.Succeeded) return;
        var errors = build.Output.Split('\n').Where(l => l.Contains("error", StringComparison.Ordinal)).Distinct().Take(20);
        await Console.Error.WriteLineAsync(string.Join('\n', errors));
        throw new UserException("the solution does not build");
    }

    /// <summary>The names of the test projects.</summary>
    public ImmutableArray<string> Projects() =>
    [
        .. Directory.EnumerateDirectories(Path.Combine(installation.Root, "tests"), "*.Tests")
            .Where(folder => Directory.EnumerateFiles(folder, "*.csproj").Any())
            .Select(folder => Path.GetFileName(folder))
            .Order(StringComparer.Ordinal),
    ];

    private static bool StartsPlatforms(string project) => project.StartsWith("Acceptance", StringComparison.Ordinal);

    /// <summary>
    /// Runs projects, and prints a line about each as it ends, with its failures in full. Two at a time, since most wait more
    /// than they work; those that start whole platforms alone.
    /// </summary>
    /// <param name="projects">Their names, as <see cref="Projects"/> has them.</param>
    /// <param name="filter">Only tests whose full name contains this; null for all.</param>
    public async Task<TestTally> RunAsync(IReadOnlyList<string> projects, string? filter)
    {
        using var places = new SemaphoreSlim(2);
        var beside = await Task.WhenAll(projects.Where(project => !StartsPlatforms(project)).Select(async project =>
        {
            await places.WaitAsync(cancel);
            try
            {
                return await RunAsync(project, project, AssemblyOf(project, ""), filter);
            }
            finally
            {
                places.Release();
            }
        }));
        var tally = beside.Aggregate(TestTally.None, (all, one) => all.Plus(one));
        foreach (var project in projects.Where(StartsPlatforms)) tally = tally.Plus(await RunAsync(project, project, AssemblyOf(project, ""), filter));
        return tally;
    }

    /// <summary>Runs the tests of grains on Orleans where its packages can be had, and says in one line where they cannot.</summary>
    public async Task<TestTally> RunOnOrleansAsync(IReadOnlyList<string> projects)
    {
        var tally = TestTally.None;
        foreach (var project in projects)
        {
            var path = Path.Combine(installation.Root, "tests", project);
            if (!Directory.Exists(path)) continue;
            var restore = await Programs.RunAsync(
                installation.Dotnet, ["restore", path, "-p:GrainHost=Orleans", "-v", "q", "--nologo"], TimeSpan.FromMinutes(2), time, cancel);
            if (!restore.Succeeded)
            {
                await Console.Out.WriteLineAsync("the grain tests were not run on Orleans: its packages cannot be restored from the package registry here");
                break;
            }

            var build = await _build.RunAsync(path, cancel, "-p:GrainHost=Orleans");
            tally = tally.Plus(build.Succeeded
                ? await RunAsync($"{project} on Orleans", $"{project}.Orleans", AssemblyOf(project, "orleans"), null)
                : new TestTally(0, 0, [new TestFailure($"{project} on Orleans", $"it does not build\n{Tail(build)}")]));
        }

        return tally;
    }

    private string AssemblyOf(string project, string build) =>
        Path.Combine(installation.Root, "artifacts", build, "bin", project, "release", $"Notebook.{project}.dll");

    private async Task<TestTally> RunAsync(string title, string file, string assembly, string? filter)
    {
        Directory.CreateDirectory(Results);
        var trx = Path.Combine(Results, $"{file}.trx");
        File.Delete(trx);
        var start = time.GetTimestamp();
        var run = await Programs.RunAsync(
            installation.Dotnet,
            [
                "test", assembly, "--results-directory", Results, "--logger", $"trx;LogFileName={Path.GetFileName(trx)}",
                "--blame-hang-timeout", TestWithin, "--blame-hang-dump-type", "none",
                .. filter is null ? (string[])[] : ["--filter", $"FullyQualifiedName~{filter}"],
            ],
            ProjectWithin, time, cancel);
        var tally = Read(title, trx, run);
        var line = string.Create(CultureInfo.InvariantCulture, $"{title,-28} {tally.Summary}  ({time.GetElapsedTime(start).TotalSeconds:0.0} s)");
        await Console.Out.WriteLineAsync(string.Concat([line, .. tally.Failures.Select(failure => $"\n\nFAILED {failure.Name}\n{failure.Story}\n")]));
        return tally;
    }

    // A host that crashes leaves no result, or one without the tests that never ended: both count as a failure.
    private static TestTally Read(string title, string trx, ProgramResult run)
    {
        var tally = File.Exists(trx) ? TestTally.Parse(File.ReadAllText(trx)) : null;
        var noneMatched = tally is null && run.Succeeded;
        if (noneMatched) return TestTally.None;
        return tally is not null && (run.Succeeded || !tally.Failures.IsEmpty)
            ? tally
            : (tally ?? TestTally.None).Plus(new TestTally(0, 0, [new TestFailure(title, $"the test run ended with exit code {run.ExitCode}\n{Tail(run)}")]));
    }

    private static string Tail(ProgramResult run) => string.Join('\n', (run.Output + "\n" + run.Errors).Split('\n').TakeLast(60));
}
