using System.Collections.Immutable;

namespace Notebook.Objects.Tests;

public sealed class TransferMessageTests
{
    private static IEnumerable<TransferMessage> Examples()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            ImmutableArray<ChunkRef> chunks = [.. Enumerable.Range(0, seed == 0 ? TransferMessage.MaxChunks : random.Next(1, 10))
                .Select(i => new ChunkRef(ObjectHash.Of([(byte)i, (byte)seed]), random.Next(1, ChunkRef.MaxLength + 1)))];
            yield return new TransferMessage.Offer(random.Next(int.MinValue, int.MaxValue), chunks);
            yield return new TransferMessage.Want(chunks);
            yield return new TransferMessage.Held(chunks);
            yield return new TransferMessage.Lack(chunks);
            yield return new TransferMessage.Data(chunks[0], Values.Of(seed, random.Next(1, 100)));
            yield return new TransferMessage.Full(new(random.NextInt64(), random.NextInt64()));
        }
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        foreach (var message in Examples())
        {
            var bytes = message.ToBytes();
            var read = TransferMessage.Read(bytes);
            Assert.NotNull(read);
            Assert.Equal(message.GetType(), read.GetType());
            Assert.Equal(message.Size, bytes.Length);
            Assert.Equal(bytes, read.ToBytes());
            Assert.Equal(message.ToString(), read.ToString());
        }
    }

    [Fact]
    public void A_message_cut_short_or_too_long_is_another_one_or_none()
    {
        foreach (var message in Examples())
        {
            var bytes = message.ToBytes();
            for (var length = 0; length < Math.Min(bytes.Length, 500); length++)
                if (TransferMessage.Read(bytes.AsMemory(0, length)) is { } read) Assert.Equal(length, read.Size);
            if (message is not TransferMessage.Data) Assert.Null(TransferMessage.Read((byte[])[.. bytes, 0]));
        }
    }

    [Fact]
    public void Garbage_is_refused_without_an_exception()
    {
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var bytes = Values.Of(seed, random.Next(200));
            if (bytes.Length > 0) bytes[0] = (byte)random.Next(16);
            if (TransferMessage.Read(bytes) is { } read) Assert.Equal(bytes, read.ToBytes());
        }
    }

    [Fact]
    public void One_flipped_bit_makes_no_other_kind_of_message()
    {
        foreach (var message in Examples())
        {
            var bytes = message.ToBytes();
            for (var bit = 0; bit < 8; bit++)
            {
                bytes[0] ^= (byte)(1 << bit);
                Assert.Null(TransferMessage.Read(bytes));
                bytes[0] ^= (byte)(1 << bit);
            }
        }
    }

    [Fact]
    public void Impossible_numbers_are_refused()
    {
        var chunk = new ChunkRef(ObjectHash.Of([1]), 1);
        Assert.Null(TransferMessage.Read(new TransferMessage.Want([]).ToBytes()));
        Assert.Null(TransferMessage.Read(new TransferMessage.Want([chunk with { Length = 0 }]).ToBytes()));
        Assert.Null(TransferMessage.Read(new TransferMessage.Want([chunk with { Length = ChunkRef.MaxLength + 1 }]).ToBytes()));
        Assert.Null(TransferMessage.Read(new TransferMessage.Want([.. Enumerable.Repeat(chunk, TransferMessage.MaxChunks + 1)]).ToBytes()));
        Assert.Null(TransferMessage.Read(new TransferMessage.Full(new(-1, 0)).ToBytes()));
        Assert.Null(TransferMessage.Read((byte[])[0]));
    }
}
