using Notebook.Agent.Chunks;
using Notebook.Objects;

namespace Notebook.Agent.Tests.Chunks;

public sealed class ChunkWaitTests
{
    private static readonly ChunkRef[] s_chunks = [.. Enumerable.Range(1, 3).Select(length => ChunkRef.Of(new byte[length]))];
    private readonly HashSet<ChunkRef> _safe = [];
    private readonly ChunkWait _wait = new(s_chunks, TimeSpan.FromSeconds(15), At(100));

    [Fact]
    public void It_is_over_when_all_are_safe()
    {
        Assert.True(Look(101));
        _safe.UnionWith(s_chunks[..2]);
        Assert.True(Look(102));
        Assert.Equal(3, _wait.Bytes);
        _safe.UnionWith(s_chunks);
        Assert.False(Look(103));
        Assert.Equal(0, _wait.Bytes);
    }

    [Fact]
    public void It_goes_on_for_as_long_as_they_arrive_and_is_given_up_when_none_does()
    {
        Assert.True(Look(114));
        _safe.Add(s_chunks[0]);
        Assert.True(Look(120));
        _safe.Add(s_chunks[1]);
        Assert.True(Look(134));
        Assert.True(Look(148));
        Assert.False(Look(149));
        Assert.Equal(3, _wait.Bytes);
    }

    private bool Look(int seconds) => _wait.Look(_safe.Contains, At(seconds));

    private static TimeSpan At(int seconds) => TimeSpan.FromSeconds(seconds);
}
