namespace Notebook.Raft.Tests.Simulation;

/// <summary>A seed that broke a rule, and how to see it again.</summary>
internal sealed record SeedFailure(SimulationKind Kind, RunResult Result, Mutation? Mutation = null)
{
    public int Seed => Result.Seed;

    public string Simulation => Kind.Name;

    /// <summary>The rule that was broken, or the exception's type.</summary>
    public string Checker => Result.Broken!;

    /// <summary>What was seen.</summary>
    public string Found => Result.Failure is Violation violation ? violation.Found : Result.Failure!.Message;

    /// <summary>Runs the seed again for its knobs and its last events.</summary>
    public string Story() => $"""
        {Result.Failure}
        {Result.Knobs}
        {string.Join('\n', Kind.Run(Seed, Mutation, keepsTrace: true).Trace.Lines)}
        """;

    /// <summary>All of it, for a test's failure message.</summary>
    public override string ToString() => $"""
        seed {Seed} breaks a rule ({Simulation}): {Checker}: {Found}
        replay it with ./notebook test raft --seeds 1 --first-seed {Seed}
        {Story()}
        """;
}
