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
        health.Connected();
        Assert.False(health.Tick(s_start.AddSeconds(3)));
        Assert.Equal(ServerState.Up, health.State);
    }

    [Fact]
    public void Only_a_connection_raises_the_dead()
    {
        var health = Up();
        health.Disconnected("gone", s_start);
        Assert.True(health.Tick(s_start.AddSeconds(1)));
        Assert.False(health.Tick(s_start.AddSeconds(60)));
        Assert.Equal(ServerState.Down, health.State);
        health.Connected();
        Assert.Equal(ServerState.Up, health.State);
    }

    [Fact]
    public void While_it_is_connected_no_time_makes_it_suspect()
    {
        var health = Up();
        Assert.False(health.Tick(s_start.AddDays(1)));
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
        health.Connected();
        return health;
    }
}
