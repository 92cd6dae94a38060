using Notebook.Grains.Servers;

namespace Notebook.Grains.Tests.Servers;

public sealed class ServerHealthTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_broken_connection_is_suspected_for_a_second_and_then_lost_once()
    {
        var health = Up();
        health.Disconnected("gone", s_start);
        Assert.Equal(ServerState.Suspect, health.State);
        Assert.False(health.Tick(s_start.AddSeconds(0.9)));
        Assert.True(health.Tick(s_start.AddSeconds(1)));
        Assert.Equal(ServerState.Down, health.State);
        Assert.False(health.Tick(s_start.AddSeconds(2)));
    }

    [Fact]
    public void A_server_that_comes_back_in_time_is_up_and_stays_so()
    {
        var health = Up();
        health.Disconnected("gone", s_start);
        health.Connected(s_start.AddSeconds(0.9));
        Assert.False(health.Tick(s_start.AddSeconds(3)));
        Assert.Equal(ServerState.Up, health.State);
    }

    [Fact]
    public void Silence_makes_it_suspect_and_a_heartbeat_clears_it()
    {
        var health = Up();
        Assert.False(health.Tick(s_start.AddSeconds(15)));
        Assert.Equal(ServerState.Suspect, health.State);
        health.Heartbeat(s_start.AddSeconds(16));
        Assert.Equal(ServerState.Up, health.State);
        health.Tick(s_start.AddSeconds(31));
        Assert.True(health.Tick(s_start.AddSeconds(34)));
    }

    [Fact]
    public void A_heartbeat_does_not_raise_the_dead()
    {
        var health = Up();
        health.Tick(s_start.AddSeconds(15));
        health.Tick(s_start.AddSeconds(18));
        health.Heartbeat(s_start.AddSeconds(19));
        Assert.Equal(ServerState.Down, health.State);
        health.Connected(s_start.AddSeconds(20));
        Assert.Equal(ServerState.Up, health.State);
    }

    [Fact]
    public void After_a_start_of_the_silo_agents_have_ten_seconds()
    {
        var health = new ServerHealth(s_start);
        Assert.False(health.Tick(s_start.AddSeconds(9.9)));
        Assert.True(health.Tick(s_start.AddSeconds(10)));
    }

    private static ServerHealth Up()
    {
        var health = new ServerHealth(s_start);
        health.Connected(s_start);
        return health;
    }
}
