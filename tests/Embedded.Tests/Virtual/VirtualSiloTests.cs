using Microsoft.Extensions.DependencyInjection;
using Notebook.Embedded.Virtual;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Virtual;

public sealed class VirtualSiloTests
{
    private const int Tickers = 5;

    private readonly TickerLog _log = new();

    [Fact]
    public void The_same_seed_gives_the_same_run_to_the_last_line()
    {
        var first = LinesOf(seed: 7);
        Assert.NotEmpty(first);
        Assert.Equal(first, LinesOf(seed: 7));
    }

    [Fact]
    public void Another_seed_gives_another_order() => Assert.NotEqual(LinesOf(seed: 7), LinesOf(seed: 8));

    [Fact]
    public void An_hour_of_timers_writes_and_calls_takes_no_hour()
    {
        var world = new VirtualWorld(1);
        Begin(world, Start(world, new VirtualStorage(new(), 1)));
        world.RunTo(VirtualWorld.Epoch.AddHours(1));
        Assert.Equal(3600, _log.Lines.Count(l => l.Contains(" 0 ticked", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_write_takes_its_time()
    {
        var world = new VirtualWorld(1);
        Begin(world, Start(world, new VirtualStorage(new() { WriteTime = TimeSpan.FromMilliseconds(250) }, 1)));
        world.RunTo(VirtualWorld.Epoch.AddSeconds(1.5));
        Assert.Equal(Tickers, _log.Lines.Count(l => l.StartsWith("00:01.250", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_crash_ends_everything_but_the_storage()
    {
        var world = new VirtualWorld(1);
        var storage = new VirtualStorage(new(), 1);
        var silo = Start(world, storage);
        Begin(world, silo);
        world.RunTo(VirtualWorld.Epoch.AddSeconds(10.5));
        silo.Crash();
        _log.Lines.Clear();
        world.RunTo(VirtualWorld.Epoch.AddMinutes(1));
        Assert.Empty(_log.Lines);

        Begin(world, Start(world, storage));
        world.RunTo(VirtualWorld.Epoch.AddMinutes(1).AddSeconds(0.5));
        Assert.Contains("0 begins with 10", _log.Lines);
    }

    [Fact]
    public void A_call_that_a_crash_leaves_without_an_answer_fails_and_so_do_later_ones()
    {
        var world = new VirtualWorld(1);
        var silo = Start(world, new VirtualStorage(new() { ReadTime = TimeSpan.FromSeconds(1) }, 1));
        var failures = new List<string>();
        world.Post(async () =>
        {
            for (var i = 0; i < 2; i++)
            {
                await Assert.ThrowsAsync<SiloUnavailableException>(() => silo.AskAsync(g => g.GetGrain<ITickerGrain>(0).Poke(9)));
                failures.Add("unavailable");
            }
        });
        world.RunTo(VirtualWorld.Epoch.AddSeconds(0.5));
        Assert.Empty(failures);
        silo.Crash();
        world.RunTo(VirtualWorld.Epoch.AddSeconds(2));
        Assert.Equal(2, failures.Count);
    }

    [Fact]
    public void Work_that_leaves_the_thread_breaks_the_run_and_says_so()
    {
        var world = new VirtualWorld(1);
        var silo = Start(world, new VirtualStorage(new(), 1));
        world.Post(async () =>
        {
            try
            {
                await silo.AskAsync(g => g.GetGrain<ITickerGrain>(0).Leave());
            }
            catch (TimeoutException)
            {
                // Virtual time is ahead of the pool's.
            }
        });
        var broken = Assert.Throws<InvalidOperationException>(() =>
        {
            // Its continuation comes when the pool has run it: the clock is kept busy until then.
            using var timer = world.Clock.CreateTimer(_ => _log.Gate.Set(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
            world.Run(() => _log.Lines.Contains("came back"));
        });
        Assert.Contains("another thread", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_storage_failure_is_told_and_may_have_happened()
    {
        var world = new VirtualWorld(1);
        var storage = new VirtualStorage(new() { FailureRate = 1 }, 1);
        Begin(world, Start(world, storage));
        world.RunTo(VirtualWorld.Epoch.AddMinutes(5));
        Assert.DoesNotContain(_log.Lines, l => l.Contains("ticked", StringComparison.Ordinal));
        Assert.True(storage.Writes > 0);
    }

    private List<string> LinesOf(int seed)
    {
        _log.Lines.Clear();
        var world = new VirtualWorld(seed);
        Begin(world, Start(world, new VirtualStorage(new(), seed)));
        world.RunTo(VirtualWorld.Epoch.AddSeconds(20));
        return [.. _log.Lines];
    }

    private VirtualSilo Start(VirtualWorld world, VirtualStorage storage) => VirtualSilo.Start(
        world, storage, services => services.AddSingleton(_log), host => host.GrainAssemblies.Add(typeof(TickerGrain).Assembly));

    private static void Begin(VirtualWorld world, VirtualSilo silo)
    {
        for (var i = 0; i < Tickers; i++)
        {
            var id = i;
            world.Post(() => silo.AskAsync(g => g.GetGrain<ITickerGrain>(id).Begin(Tickers)));
        }
    }
}
