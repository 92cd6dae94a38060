namespace Notebook.Acceptance.Tests.Platform;

/// <summary>Tests that bring up clusters of their own: one after the other, beside those of <see cref="PlatformGroup"/>.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterGroup
{
    public const string Name = "clusters";
}
