using System.Net.Sockets;
using Notebook.Agent.Processes.Memory;
using Notebook.JupyterWire;

namespace Notebook.Agent.Tests.Processes;

/// <summary>Against a scripted process at the other end of a real socket.</summary>
public sealed class MemorySocketTests : IDisposable
{
    private const int MostUnclaimed = 16;
    private readonly string _folder = Directory.CreateTempSubdirectory("nb-memory-").FullName;
    private readonly string _path;
    private readonly MemorySocket _agent;
    private readonly Socket _process = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public MemorySocketTests()
    {
        _path = Path.Combine(_folder, "1-6");
        _agent = MemorySocket.Listen(_path)!;
    }

    public void Dispose()
    {
        _agent.Dispose();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_the_process_sends_is_found_by_its_number_in_any_order()
    {
        Connect();
        for (var number = 1UL; number <= 3; number++) Assert.True(Send(number, [(byte)number, 10]));

        foreach (var number in (ulong[])[2, 1, 3]) Assert.Equal([(byte)number, 10], _agent.Claim(number).Memory.ToArray());
        Assert.Contains("names memory 3", Assert.Throws<JupyterFormatException>(() => _agent.Claim(3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_stays_when_the_process_and_the_socket_are_gone()
    {
        Connect();
        Assert.True(Send(1, [1, 2, 3]));
        _process.Dispose();

        var claimed = _agent.Claim(1);
        _agent.Dispose();
        Assert.Equal([1, 2, 3], claimed.Memory.ToArray());
    }

    [Fact]
    public void What_nobody_names_is_given_up_beyond_a_bound()
    {
        Connect();
        for (var number = 1UL; number <= MostUnclaimed + 2; number++) Assert.True(Send(number, [1]));

        _agent.Claim(MostUnclaimed + 2);
        Assert.Throws<JupyterFormatException>(() => _agent.Claim(1));
        _agent.Claim(2);
    }

    [Fact]
    public void Memory_that_can_still_be_changed_is_refused()
    {
        Connect();
        Assert.True(Send(1, [1, 2, 3], isSealed: false));
        Assert.Contains("can still be changed", Assert.Throws<JupyterFormatException>(() => _agent.Claim(1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(JupyterMessage.MaxBytes + 1)]
    public void Memory_of_another_size_than_messages_have_is_refused(long length)
    {
        Connect();
        using var memory = LibC.NewMemory()!;
        RandomAccess.SetLength(memory, length);
        Assert.True(LibC.TrySeal(memory));
        Assert.True(LibC.TrySend(_process.SafeHandle, 1, memory));
        Assert.Contains($"memory of {length} bytes", Assert.Throws<JupyterFormatException>(() => _agent.Claim(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_refused()
    {
        Connect();
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "text");
        using var handle = File.OpenHandle(file);
        Assert.True(LibC.TrySend(_process.SafeHandle, 1, handle));
        Assert.Contains("can still be changed", Assert.Throws<JupyterFormatException>(() => _agent.Claim(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_process_gets_parts_that_nobody_changes_any_more()
    {
        Assert.Null(_agent.TryGive([new byte[] { 1 }]));   // it is not there yet
        Connect();
        Assert.Equal(1UL, _agent.TryGive([new byte[] { 1, 2 }, new byte[64], new byte[] { 3 }]));

        Assert.True(LibC.TryReceive(_process.SafeHandle, out var number, out var memory));
        using var received = memory!;
        Assert.Equal(1UL, number);
        var bytes = MappedMemory.Open(received).Memory.ToArray();
        Assert.Equal(129, bytes.Length);
        Assert.Equal([1, 2, 3], new[] { bytes[0], bytes[1], bytes[128] });
    }

    [Fact]
    public void A_process_that_takes_nothing_is_given_no_more_than_its_socket_holds()
    {
        Connect();
        var given = 0;
        while (_agent.TryGive([new byte[] { 1 }]) is not null) Assert.True(++given < 100_000, "no bound");
        Assert.True(given > 0);
    }

    [Theory]
    [InlineData(1, 3 << 20)]
    [InlineData(2, 0, 5, (2 << 20) + 1, 0, 63, 64, 65, 0)]
    [InlineData(3, 1 << 18, (1 << 18) + 1, (1 << 18) - 1, 1 << 19)]
    public void Buffers_that_come_into_such_memory_are_given_as_they_lie(int seed, params int[] lengths)
    {
        Connect();
        var random = new Random(seed);
        byte[][] buffers = [.. lengths.Select(length => new byte[length])];
        foreach (var buffer in buffers) random.NextBytes(buffer);
        var parts = Arrived(buffers, random);
        Assert.Equal(buffers, parts.Select(part => part.ToArray()));
        Assert.NotNull(BuffersMemory.Of(parts));

        Assert.Equal(1UL, _agent.TryGive(parts));
        Assert.Equal(2UL, _agent.TryGive(parts));   // it stays ours, too
        Assert.Equal(3UL, _agent.TryGive([.. buffers.Select(buffer => (ReadOnlyMemory<byte>)buffer)]));
        for (var n = 1UL; n <= 3; n++)
        {
            Assert.True(LibC.TryReceive(_process.SafeHandle, out var number, out var memory));
            using var received = memory!;
            Assert.Equal(n, number);
            var bytes = MappedMemory.Open(received).Memory;
            var at = 0;
            foreach (var buffer in buffers)
            {
                Assert.True(bytes.Span.Slice(at, buffer.Length).SequenceEqual(buffer), $"memory {n} is not as it was from {at} on");
                at += buffer.Length;
                if (buffer != buffers[^1]) at = (at + 63) / 64 * 64;
            }

            Assert.Equal(at, bytes.Length);
        }
    }

    [Fact]
    public void Buffers_of_several_messages_or_in_another_order_are_copied()
    {
        Connect();
        var random = new Random(1);
        byte[] first = [.. Enumerable.Repeat((byte)1, 1 << 20)], second = [.. Enumerable.Repeat((byte)2, 1 << 20)];
        var (one, other) = (Arrived([first, second], random), Arrived([second, first], random));
        ReadOnlyMemory<byte>[][] mixed = [[one[1], one[0]], [one[0], other[0]], [one[0], second], [one[0]], [one[0][..^64], one[1]]];
        foreach (var parts in mixed)
        {
            Assert.Null(BuffersMemory.Of(parts));
            Assert.NotNull(_agent.TryGive(parts));
            Assert.True(LibC.TryReceive(_process.SafeHandle, out _, out var memory));
            using var received = memory!;
            Assert.Equal(parts[0].Span[0], MappedMemory.Open(received).Memory.Span[0]);
        }
    }

    [Fact]
    public void Small_buffers_are_not_worth_such_memory() => Assert.Null(BuffersMemory.TryMake([MemorySocket.WorthIt - 1, 0]));

    private static ReadOnlyMemory<byte>[] Arrived(byte[][] buffers, Random random)
    {
        var memory = BuffersMemory.TryMake([.. buffers.Select(buffer => buffer.Length)])!;
        ReadOnlySpan<byte> rest = buffers.SelectMany(buffer => buffer).ToArray();
        while (!rest.IsEmpty)
        {
            var count = random.Next(1, memory.Room.Length + 1);
            rest[..count].CopyTo(memory.Room.Span);
            memory.Advance(count);
            rest = rest[count..];
        }

        Assert.True(memory.Room.IsEmpty);
        return [.. memory.End()];
    }

    private void Connect() => _process.Connect(new UnixDomainSocketEndPoint(_path));

    private bool Send(ulong number, byte[] bytes, bool isSealed = true)
    {
        using var memory = LibC.NewMemory()!;
        RandomAccess.Write(memory, bytes, 0);
        return (!isSealed || LibC.TrySeal(memory)) && LibC.TrySend(_process.SafeHandle, number, memory);
    }
}
