using System.Buffers.Binary;
using System.Text;
using Notebook.Agent.Processes;
using Notebook.JupyterWire;

namespace Notebook.Agent.Tests.Processes;

public sealed class PackedFramesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("topic|<IDS|MSG>||{}|binary")]
    public void Parts_come_back_as_they_were(string joined)
    {
        var parts = joined.Length == 0 ? [] : joined.Split('|').Select(Encoding.UTF8.GetBytes).ToArray();
        var opened = PackedFrames.Open(Frame([(ulong)parts.Length, .. parts.Select(p => (ulong)p.Length)], parts));
        Assert.Equal(parts, opened.Select(p => p.ToArray()));
    }

    [Theory]
    [InlineData(new ulong[0], 0, "holds no parts")]
    [InlineData(new ulong[] { 2, 1 }, 1, "says that it has 2 parts")]
    [InlineData(new ulong[] { ulong.MaxValue }, 64, "says that it has")]
    [InlineData(new ulong[] { 1, ulong.MaxValue }, 8, "part 1 has")]
    [InlineData(new ulong[] { 2, 4, 5 }, 8, "part 2 has 5 bytes, 4 are left")]
    [InlineData(new ulong[] { 1, 4 }, 5, "1 bytes are left")]
    public void What_does_not_fit_is_malformed(ulong[] numbers, int bytes, string reason)
    {
        var fault = Assert.Throws<JupyterFormatException>(() => PackedFrames.Open(Frame(numbers, [new byte[bytes]])));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    private static byte[] Frame(ulong[] numbers, byte[][] parts)
    {
        var head = new byte[sizeof(ulong) * numbers.Length];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(sizeof(ulong) * i), numbers[i]);
        return [.. head, .. parts.SelectMany(p => p)];
    }
}
