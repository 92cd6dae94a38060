using System.Buffers.Binary;
using Notebook.JupyterWire.WebSockets;
using Xunit;
using static Notebook.JupyterWire.Tests.WebSockets.Samples;

namespace Notebook.JupyterWire.Tests.WebSockets;

public sealed class V1FramingTests
{
    [Theory]
    [InlineData(SocketChannel.Shell, 0)]
    [InlineData(SocketChannel.Control, 1)]
    [InlineData(SocketChannel.Stdin, 3)]
    public void What_is_written_is_read_again(SocketChannel channel, int buffers)
    {
        var message = Message(channel, [.. Enumerable.Range(0, buffers).Select(i => new byte[i * 1000])]);
        Assert.True(V1Framing.TryRead(V1Framing.Write(message), out var read, out _));
        AssertSame(message, read);
    }

    [Fact]
    public void The_layout_is_the_published_one()
    {
        var frame = V1Framing.Write(Message(SocketChannel.Iopub, [1, 2, 3]));
        Assert.Equal(7UL, BinaryPrimitives.ReadUInt64LittleEndian(frame));                       // channel, 4 parts, 1 buffer, end
        Assert.Equal(64UL, BinaryPrimitives.ReadUInt64LittleEndian(frame.AsSpan(8)));            // the first part follows the offsets
        Assert.Equal("iopub", Text(frame.AsMemory(64, 5)));
        Assert.Equal((ulong)frame.Length, BinaryPrimitives.ReadUInt64LittleEndian(frame.AsSpan(56)));
        Assert.Equal([1, 2, 3], frame[^3..]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2_000_000)]
    public void The_pieces_of_a_message_are_its_frame(int bytes)
    {
        var large = new byte[bytes];
        Array.Fill(large, (byte)9);
        var message = Message(SocketChannel.Iopub, large, [], [7]);
        var pieces = V1Framing.WritePieces(message);
        Assert.Equal(V1Framing.Write(message), pieces.SelectMany(piece => piece.ToArray()));
        Assert.DoesNotContain(pieces, piece => piece.IsEmpty);
        if (bytes > 0) Assert.Contains(pieces, piece => piece.Equals((ReadOnlyMemory<byte>)large));   // not a copy
    }

    [Fact]
    public void A_frame_says_its_length_as_soon_as_its_offsets_are_here()
    {
        var frame = V1Framing.Write(Message(SocketChannel.Shell, [1, 2, 3]));
        for (var come = 0; come < frame.Length; come++)
            Assert.Equal(come < 64 ? 0 : frame.Length, V1Framing.LengthOf(frame.AsSpan(0, come)));
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(56), ulong.MaxValue);
        Assert.Equal(0, V1Framing.LengthOf(frame));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        var frame = V1Framing.Write(Message(SocketChannel.Shell, [1, 2, 3]));
        for (var length = 0; length < frame.Length; length++)
            Assert.False(V1Framing.TryRead(frame.AsMemory(0, length), out _, out var fault), $"{length} bytes were taken: {fault}");
    }

    [Fact]
    public void No_change_of_a_byte_of_the_numbers_brings_it_down()
    {
        var frame = V1Framing.Write(Message(SocketChannel.Shell, [1, 2, 3]));
        for (var at = 0; at < 64; at++)
        {
            foreach (var value in (byte[])[0, 1, 0x7f, 0x80, 0xff])
            {
                var changed = (byte[])frame.Clone();
                changed[at] = value;
                if (!V1Framing.TryRead(changed, out _, out var fault)) Assert.NotNull(fault);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(1UL << 20)]
    [InlineData(ulong.MaxValue)]
    public void A_count_out_of_bounds_is_refused(ulong count)
    {
        var frame = V1Framing.Write(Message());
        BinaryPrimitives.WriteUInt64LittleEndian(frame, count);
        Assert.False(V1Framing.TryRead(frame, out _, out var fault));
        Assert.Contains(count.ToString(), fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 8)]                       // into the offsets
    [InlineData(2, ulong.MaxValue)]
    [InlineData(2, 1UL << 40)]
    [InlineData(3, 0)]                       // backwards
    public void An_offset_outside_is_refused(int index, ulong offset)
    {
        var frame = V1Framing.Write(Message());
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(8 * (index + 1)), offset);
        Assert.False(V1Framing.TryRead(frame, out _, out var fault));
        Assert.NotNull(fault);
    }

    [Fact]
    public void A_channel_that_there_is_not_is_refused()
    {
        var frame = V1Framing.Write(Message());
        "shelf"u8.CopyTo(frame.AsSpan(8 * 7));
        Assert.False(V1Framing.TryRead(frame, out _, out var fault));
        Assert.Contains("channel", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}{}")]
    [InlineData("{\"a\":}")]
    public void A_header_that_is_no_object_is_refused(string header)
    {
        var frame = V1Framing.Write(Message() with { Header = Bytes(header) });
        Assert.False(V1Framing.TryRead(frame, out _, out var fault));
        Assert.Contains("header", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Content_that_is_not_UTF8_is_refused()
    {
        var frame = V1Framing.Write(Message() with { Content = new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' } });
        Assert.False(V1Framing.TryRead(frame, out _, out var fault));
        Assert.Contains("content", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_without_end_is_refused()
    {
        var frame = V1Framing.Write(Message() with { Content = Bytes("{\"a\":" + new string('[', 100_000)) });
        Assert.False(V1Framing.TryRead(frame, out _, out _));
    }

    [Fact]
    public void Empty_parts_stand_for_empty_objects()
    {
        var frame = V1Framing.Write(Message() with { ParentHeader = default, Metadata = default });
        Assert.True(V1Framing.TryRead(frame, out var read, out _));
        Assert.Equal("{}", Text(read.ParentHeader));
        Assert.Equal("{}", Text(read.Metadata));
    }
}
