using System.Text;
using Notebook.Raft.Storage.Records;

namespace Notebook.Raft.Tests.Storage;

/// <summary>The vectors of RFC 3720, appendix B.4, and the usual check value.</summary>
public sealed class Crc32CTests
{
    [Fact]
    public void Known_vectors_have_their_checksums()
    {
        Assert.Equal(0u, Crc32C.Of([]));
        Assert.Equal(0xE3069283u, Crc32C.Of(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Of(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C.Of(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
        Assert.Equal(0x113FDB5Cu, Crc32C.Of(Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray()));
    }

    [Fact]
    public void A_checksum_can_be_gone_on_from()
    {
        var bytes = Enumerable.Range(0, 100).Select(i => (byte)(i * 7)).ToArray();
        for (var cut = 0; cut <= bytes.Length; cut++) Assert.Equal(Crc32C.Of(bytes), Crc32C.Of(bytes.AsSpan(cut), Crc32C.Of(bytes.AsSpan(0, cut))));
    }
}
