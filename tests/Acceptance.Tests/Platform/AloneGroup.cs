namespace Notebook.Acceptance.Tests.Platform;

/// <summary>Tests that take all of the machine: when all others have ended, one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneGroup
{
    public const string Name = "alone";
}
