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

    [Fact]
    public void What_the_log_names_no_more_is_at_risk_no_more_and_the_rest_keeps_its_order()
    {
        ChunkRef[] chunks = [.. Enumerable.Range(1, 4).Select(length => ChunkRef.Of(new byte[length]))];
        var unconfirmed = new UnconfirmedChunks();
        unconfirmed.Add(chunks);
        unconfirmed.Drop(new HashSet<ChunkRef> { chunks[0], chunks[2] });
        Assert.Equal(2 + 4, unconfirmed.Bytes);
        unconfirmed.Confirm(chunk => chunk == chunks[3]);   // the one before it is not
        Assert.Equal(2 + 4, unconfirmed.Bytes);
        unconfirmed.Confirm(chunk => chunk == chunks[1]);
        Assert.Equal(4, unconfirmed.Bytes);
    }
}
