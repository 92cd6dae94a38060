using System.CommandLine;
using Notebook.Cli.Testing;
using Notebook.Hosting;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook test</c>: all tests, on a fresh machine too. Its last line is <c>N passed, N failed, N skipped</c>.</summary>
internal sealed class TestCommand(Installation installation, TimeProvider time)
{
    /// <summary>The projects whose tests run on true Orleans too, or there alone.</summary>
    private static readonly string[] s_orleansTests = ["Embedded.Tests", "Grains.Tests", "Cluster.Tests"];

    private readonly Argument<string?> _filter = new("filter")
    {
        Description = "Test projects whose name contains this; where there is none, tests whose full name does.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _noInstall = new("--no-install") { Description = "Install nothing.", Recursive = true };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("test", "Build everything and run all tests; installs what they need (as root on Debian).")
        {
            _filter,
            _noInstall,
        };
        foreach (var kind in CampaignKind.All) command.Add(new CampaignCommand(kind, installation, time, parsed => RunAsync(parsed, kind.Tests)).Build());
        command.SetAction((parsed, _) => RunAsync(parsed, parsed.GetValue(_filter)));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, string? filter)
    {
        using var signals = new StopSignals();
        var lab = Task.FromResult<string?>(null);
        if (!parsed.GetValue(_noInstall))
        {
            if (await TestPackages.InstallAsync(time, Console.Error.WriteLine, signals.Token) is { } lacking) await Console.Out.WriteLineAsync(lacking);
            lab = new TestJupyterLab(installation, time).InstallAsync(Console.Error.WriteLine, signals.Token);   // beside the build
        }

        var run = new TestRun(installation, time, signals.Token);
        await Console.Error.WriteLineAsync("building all projects...");
        await run.BuildAsync();
        if (await lab is { } without) await Console.Out.WriteLineAsync(without);

        var all = run.Projects();
        var named = all.Where(p => filter is null || p.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToList();
        var tally = await run.RunAsync(named.Count > 0 ? named : [.. all], named.Count > 0 ? null : filter);
        if (filter is null) tally = tally.Plus(await run.RunOnOrleansAsync(s_orleansTests));

        if (tally.Passed + tally.Failures.Length == 0) await Console.Error.WriteLineAsync("notebook: no test ran");
        await Console.Out.WriteLineAsync(tally.Summary);
        return tally.IsGood ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
