namespace Notebook.Grains.Policies;

/// <summary>What the kernel's user asked for, else the mode that the operator chose for all.</summary>
/// <param name="mode">The operator's.</param>
public sealed class ChosenStandby(StandbyMode mode) : IStandbyPolicy
{
    /// <inheritdoc/>
    public string Name => KeepingWords.Of(mode);

    /// <inheritdoc/>
    public StandbyDecision Choose(StandbyKernel kernel) => kernel.Asked is { } asked
        ? new(asked, $"the kernel asks for {KeepingWords.Of(asked)} standbys")
        : new(mode, $"the platform's standbys are {Name}");
}
