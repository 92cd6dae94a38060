using System.Buffers.Binary;
using System.Text;
using Notebook.Agent.Processes;
using Notebook.JupyterWire;

namespace Notebook.Agent.Tests.Processes;

public sealed class PackedFramesTests
{
    private const ulong Beside = 1UL << 63;

    [Theory]
    [InlineData("")]
    [InlineData("topic|<IDS|MSG>||{}|binary")]
    public void Parts_come_back_as_they_were(string joined)
    {
        var parts = joined.Length == 0 ? [] : joined.Split('|').Select(Encoding.UTF8.GetBytes).ToArray();
        var opened = PackedFrames.Open(Frame([(ulong)parts.Length, .. parts.Select(p => (ulong)p.Length)], parts), NoMemory);
        Assert.Equal(parts, opened.Select(p => p.ToArray()));
    }

    [Fact]
    public void Parts_with_the_bit_lie_in_the_memory_that_is_named()
    {
        var frame = Frame([Beside | 3, 7, 2, Beside | 4, 1], ["ab"u8.ToArray(), "c"u8.ToArray()]);
        var opened = PackedFrames.Open(frame, number => number == 7 ? "wxyz"u8.ToArray() : throw new JupyterFormatException("another"));
        Assert.Equal(["ab", "wxyz", "c"], opened.Select(p => Encoding.UTF8.GetString(p.Span)));
    }

    [Theory]
    [InlineData(new ulong[0], 0, "holds no parts")]
    [InlineData(new ulong[] { 2, 1 }, 1, "says that it has 2 parts")]
    [InlineData(new ulong[] { ulong.MaxValue }, 64, "says that it has")]
    [InlineData(new ulong[] { 1, ulong.MaxValue }, 8, "part 1 has")]
    [InlineData(new ulong[] { 2, 4, 5 }, 8, "part 2 has 5 bytes, 4 are left")]
    [InlineData(new ulong[] { 1, 4 }, 5, "1 bytes are left")]
    [InlineData(new ulong[] { Beside | 2, 7, Beside | 4, 1 }, 1, "6 bytes are left in the memory")]
    [InlineData(new ulong[] { Beside | 2, 7, Beside | 4, Beside | 7 }, 0, "part 2 has 7 bytes, 6 are left in the memory")]
    [InlineData(new ulong[] { Beside | 1, 7, Beside | 10 }, 1, "1 bytes are left after")]
    [InlineData(new ulong[] { 1, Beside | 10 }, 10, "part 1 has")]
    [InlineData(new ulong[] { Beside | 1 }, 0, "says that it has 1 parts")]
    public void What_does_not_fit_is_malformed(ulong[] numbers, int bytes, string reason)
    {
        var fault = Assert.Throws<JupyterFormatException>(() => PackedFrames.Open(Frame(numbers, [new byte[bytes]]), _ => new byte[10]));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    private static ReadOnlyMemory<byte> NoMemory(ulong number) => throw new JupyterFormatException($"memory {number} is asked for");

    private static byte[] Frame(ulong[] numbers, byte[][] parts)
    {
        var head = new byte[sizeof(ulong) * numbers.Length];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(sizeof(ulong) * i), numbers[i]);
        return [.. head, .. parts.SelectMany(p => p)];
    }
}
