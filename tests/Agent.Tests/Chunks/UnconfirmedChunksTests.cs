using Notebook.Agent.Chunks;
using Notebook.Objects;

namespace Notebook.Agent.Tests.Chunks;

public sealed class UnconfirmedChunksTests
{
    [Fact]
    public void What_is_at_risk_falls_as_chunks_become_safe()
    {
        ChunkRef[] chunks = [.. Enumerable.Range(1, 3).Select(length => ChunkRef.Of(new byte[length]))];
        var unconfirmed = new UnconfirmedChunks();
        unconfirmed.Add(chunks);
        Assert.Equal(6, unconfirmed.Bytes);
        unconfirmed.Confirm(chunk => chunk == chunks[0]);
        Assert.Equal(5, unconfirmed.Bytes);
        unconfirmed.Confirm(chunk => chunk == chunks[2]);   // the one before it is not
        Assert.Equal(5, unconfirmed.Bytes);
        unconfirmed.Confirm(_ => true);
        Assert.Equal(0, unconfirmed.Bytes);
        unconfirmed.Add(chunks);
        unconfirmed.Clear();
        Assert.Equal(0, unconfirmed.Bytes);
    }
}
