using System.Buffers.Binary;
using System.Text.Json;
using Notebook.JupyterWire.WebSockets;
using Xunit;
using static Notebook.JupyterWire.Tests.WebSockets.Samples;

namespace Notebook.JupyterWire.Tests.WebSockets;

public sealed class LegacyFramingTests
{
    [Fact]
    public void Without_buffers_it_is_text_with_the_id_and_type_beside_the_header()
    {
        var (frame, binary) = LegacyFraming.Write(Message(SocketChannel.Iopub), "i\"d", "stream");
        Assert.False(binary);
        using var json = JsonDocument.Parse(frame);
        Assert.Equal("i\"d", json.RootElement.GetProperty("msg_id").GetString());
        Assert.Equal("stream", json.RootElement.GetProperty("msg_type").GetString());
        Assert.Equal("iopub", json.RootElement.GetProperty("channel").GetString());
        Assert.Equal("print('zß水🍌')", json.RootElement.GetProperty("content").GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Array, json.RootElement.GetProperty("buffers").ValueKind);
        Assert.True(LegacyFraming.TryReadText(frame, out var read, out _));
        AssertSame(Message(SocketChannel.Iopub), read);
    }

    [Fact]
    public void With_buffers_it_is_binary()
    {
        var message = Message(SocketChannel.Shell, [1, 2, 3], [], [4]);
        var (frame, binary) = LegacyFraming.Write(message, "a", "comm_msg");
        Assert.True(binary);
        Assert.Equal(4u, BinaryPrimitives.ReadUInt32BigEndian(frame));   // the JSON counts
        Assert.True(LegacyFraming.TryReadBinary(frame, out var read, out _));
        AssertSame(message, read);
    }

    [Fact]
    public void What_clients_leave_out_has_a_meaning()
    {
        Assert.True(LegacyFraming.TryReadText(
            Bytes("""{"header":{"msg_id":"1"},"buffers":{},"content":null,"parent_header":null,"other":[{}]}"""), out var read, out _));
        Assert.Equal(SocketChannel.Shell, read.Channel);
        Assert.Equal("{}", Text(read.ParentHeader));
        Assert.Equal("{}", Text(read.Metadata));
        Assert.Equal("{}", Text(read.Content));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"header":[]}""")]
    [InlineData("""{"header":{},"content":"x"}""")]
    [InlineData("""{"header":{},"metadata":3}""")]
    [InlineData("""{"header":{},"channel":"shelf"}""")]
    [InlineData("""{"header":{},"channel":4}""")]
    [InlineData("""{"header":{}} x""")]
    public void Other_text_is_refused(string text)
    {
        Assert.False(LegacyFraming.TryReadText(Bytes(text), out _, out var fault));
        Assert.NotNull(fault);
    }

    [Fact]
    public void Every_truncation_of_a_text_is_refused()
    {
        var (frame, _) = LegacyFraming.Write(Message(), "a", "b");
        for (var length = 0; length < frame.Length; length++)
            Assert.False(LegacyFraming.TryReadText(frame.AsMemory(0, length), out _, out _), $"{length} bytes were taken");
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        byte[] frame = [.. "{\"header\":{\"msg_id\":\""u8, 0xc3, 0x28, .. "\"}}"u8];
        Assert.False(LegacyFraming.TryReadText(frame, out _, out var fault));
        Assert.Contains("UTF-8", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_binary_frames_are_refused_or_read_but_never_break_the_reader()
    {
        var (frame, _) = LegacyFraming.Write(Message(SocketChannel.Shell, [1, 2, 3]), "a", "b");
        for (var at = 0; at < 12; at++)
        {
            for (var value = 0; value < 256; value++)
            {
                var changed = (byte[])frame.Clone();
                changed[at] = (byte)value;
                if (!LegacyFraming.TryReadBinary(changed, out _, out var fault)) Assert.NotNull(fault);
            }
        }

        for (var length = 0; length < 12; length++) Assert.False(LegacyFraming.TryReadBinary(frame.AsMemory(0, length), out _, out _));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(100_000u)]
    [InlineData(uint.MaxValue)]
    public void A_count_out_of_bounds_is_refused(uint count)
    {
        var (frame, _) = LegacyFraming.Write(Message(SocketChannel.Shell, [1]), "a", "b");
        BinaryPrimitives.WriteUInt32BigEndian(frame, count);
        Assert.False(LegacyFraming.TryReadBinary(frame, out _, out var fault));
        Assert.Contains(count.ToString(), fault, StringComparison.Ordinal);
    }
}
