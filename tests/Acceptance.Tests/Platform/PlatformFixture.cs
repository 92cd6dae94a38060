using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Platform;

/// <summary>One platform for all tests of the collection, which run one after the other: a test may kill any of its processes.</summary>
public sealed class PlatformFixture : IAsyncLifetime
{
    public NotebookPlatform Platform { get; private set; } = null!;

    public async Task InitializeAsync() => Platform = await NotebookPlatform.UpAsync();

    public async Task DisposeAsync() => await Platform.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class PlatformGroup : ICollectionFixture<PlatformFixture>
{
    public const string Name = "platform";
}
