namespace Notebook.Contracts;

/// <summary>A decision of the control plane: what was decided, by which policy, why, and what else was considered.</summary>
/// <param name="At">When.</param>
/// <param name="Kind"><c>placement</c>, <c>executor</c>, <c>queue</c>, <c>move</c>, <c>drain</c>, <c>scaling</c> or <c>reclaim</c>.</param>
/// <param name="Kernel">Which kernel it is about; null for one about servers alone.</param>
/// <param name="Execution">The cell's number in the kernel; 0 where it is about no cell.</param>
/// <param name="Policy">The policy that decided; empty where a rule without a choice did.</param>
/// <param name="Outcome">What was decided.</param>
/// <param name="Reason">Why.</param>
/// <param name="Considered">What was looked at, and what spoke for or against it.</param>
[GenerateSerializer, Immutable, Alias("notebook.decision")]
public sealed record Decision(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] string Kind,
    [property: Id(2)] KernelId? Kernel,
    [property: Id(3)] long Execution,
    [property: Id(4)] string Policy,
    [property: Id(5)] string Outcome,
    [property: Id(6)] string Reason,
    [property: Id(7)] ImmutableArray<Considered> Considered);

/// <summary>Something that was looked at before a decision.</summary>
/// <param name="What">A server or a replica.</param>
/// <param name="Verdict">What was found.</param>
[GenerateSerializer, Immutable, Alias("notebook.considered")]
public sealed record Considered([property: Id(0)] string What, [property: Id(1)] string Verdict);
