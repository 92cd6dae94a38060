using Notebook.Acceptance.Tests.Corpus;
using Notebook.Acceptance.Tests.Platform;

namespace Notebook.Acceptance.Tests.Conformance;

/// <summary>One conversation for each circumstance, on the common platform; all go on as long as the tests of the class run.</summary>
public sealed class ConformanceFixture(PlatformFixture platform) : IAsyncLifetime
{
    private const int GpusPerServer = 8;
    private readonly Dictionary<Circumstance, Conversation> _conversations = [];
    private ServerGates _gates = null!;

    public async Task InitializeAsync()
    {
        _gates = await ServerGates.MakeAsync(platform.Platform, GpusPerServer);
        foreach (var circumstance in Enum.GetValues<Circumstance>())
            _conversations[circumstance] = await Conversation.StartAsync(circumstance, _gates, platform.Platform.Api, platform.Platform.Data);
    }

    public async Task DisposeAsync()
    {
        foreach (var conversation in _conversations.Values) await conversation.DisposeAsync();
        await _gates.DisposeAsync();
    }

    internal Conversation In(Circumstance circumstance) => _conversations[circumstance];
}
