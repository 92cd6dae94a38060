using Notebook.Gateway.Kernels;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Tests.Kernels;

public sealed class OutputLogTests
{
    private static OutEntry Entry(int size = 0) =>
        new(new OutMessage(new SocketMessage(SocketChannel.Iopub, default, default, default, new byte[size], []), "i", "t"), null);

    [Fact]
    public void It_is_what_a_list_would_be()
    {
        var random = new Random(7);
        var log = new OutputLog(long.MaxValue);
        var twin = new List<OutEntry>();
        for (var round = 0; round < 20_000; round++)
        {
            if (random.Next(5) > 0)
            {
                var entry = Entry();
                log.Append(entry);
                twin.Add(entry);
            }
            else
            {
                log.TrimTo(log.First + random.Next(8));
            }

            Assert.Equal(twin.Count + 1, log.Next);
            var at = random.NextInt64(1, log.Next + 1);
            Assert.Equal(at < log.First || at >= log.Next ? null : twin[(int)at - 1], log.At(at));
        }
    }

    [Fact]
    public void Acknowledgement_stops_at_the_first_that_is_not_done()
    {
        var log = new OutputLog(long.MaxValue);
        var entries = Enumerable.Range(0, 4).Select(_ => Entry()).ToArray();
        foreach (var entry in entries) log.Append(entry);
        entries[0].Done = entries[2].Done = true;
        Assert.Equal([entries[0]], log.Acknowledge());
        entries[1].Done = true;
        Assert.Equal([entries[1], entries[2]], log.Acknowledge());
        Assert.Equal(4, log.Acknowledged);
    }

    [Fact]
    public void Room_is_made_only_of_what_may_go()
    {
        var log = new OutputLog(3000);
        for (var i = 0; i < 10; i++) log.Append(Entry(1000));
        log.MakeRoom(3);
        Assert.Equal(3, log.First);
        Assert.True(log.OverLimit);
        log.MakeRoom(log.Next);
        Assert.False(log.OverLimit);
        Assert.Equal(9, log.First);
    }
}
