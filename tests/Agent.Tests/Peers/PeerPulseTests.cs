using Notebook.Agent.Peers;

namespace Notebook.Agent.Tests.Peers;

public sealed class PeerPulseTests
{
    private readonly PeerPulse _pulse = new();

    [Fact]
    public void Who_sends_nothing_pings_once_a_second()
    {
        var actions = Enumerable.Range(1, 12).Select(tick => _pulse.Tick(sent: 0, received: tick)).ToArray();
        Assert.Equal(Enumerable.Range(1, 12).Select(tick => tick % 4 == 0 ? PeerPulseAction.Ping : PeerPulseAction.None), actions);
    }

    [Fact]
    public void Who_sends_anyway_does_not_ping() =>
        Assert.All(Enumerable.Range(1, 40), tick => Assert.Equal(PeerPulseAction.None, _pulse.Tick(sent: tick, received: tick)));

    [Fact]
    public void Four_seconds_without_a_byte_end_it_and_one_byte_begins_them_anew()
    {
        for (var tick = 1; tick < 16; tick++) Assert.NotEqual(PeerPulseAction.Break, _pulse.Tick(tick, 0));
        Assert.NotEqual(PeerPulseAction.Break, _pulse.Tick(16, 1));
        for (var tick = 1; tick < 16; tick++) Assert.NotEqual(PeerPulseAction.Break, _pulse.Tick(16 + tick, 1));
        Assert.Equal(PeerPulseAction.Break, _pulse.Tick(32, 1));
    }
}
