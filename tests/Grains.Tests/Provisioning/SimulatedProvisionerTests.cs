using Notebook.Contracts.Provisioning;
using Notebook.Grains.Provisioning;

namespace Notebook.Grains.Tests.Provisioning;

public sealed class SimulatedProvisionerTests
{
    [Fact]
    public async Task Servers_come_and_go_after_times_that_a_seed_decides()
    {
        var first = await TimesAsync(seed: 1);
        var again = await TimesAsync(seed: 1);
        Assert.Equal((IEnumerable<double>)[.. first.Coming, .. first.Going], [.. again.Coming, .. again.Going]);
        Assert.NotEqual(first.Coming, (await TimesAsync(seed: 2)).Coming);
    }

    [Fact]
    public async Task Times_are_as_of_a_cloud()
    {
        var (coming, going) = await TimesAsync(seed: 7);
        Assert.InRange(coming.Average(), 14.5, 15.5);
        Assert.InRange(going.Average(), 9.75, 10.25);
        Assert.InRange(coming.Max() - coming.Min(), 4, 16);
        Assert.InRange(going.Max() - going.Min(), 2, 8);
    }

    [Fact]
    public async Task A_cancelled_one_never_comes()
    {
        var clock = new ManualTimeProvider();
        var came = false;
        var provisioner = new SimulatedProvisioner(1, clock, _ => { came = true; return Task.CompletedTask; }, _ => Task.CompletedTask);
        using var stop = new CancellationTokenSource();
        var adding = provisioner.AddAsync(new ServerId("s"), stop.Token);
        await stop.CancelAsync();
        Assert.IsType<ProvisionOutcome.Failed>(await adding);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(came);
    }

    private static async Task<(double[] Coming, double[] Going)> TimesAsync(int seed)
    {
        var clock = new HurriedTime();
        HashSet<string> there = [];
        var provisioner = new SimulatedProvisioner(seed, clock, s => Note(there.Add(s.Value)), s => Note(there.Remove(s.Value)));
        var servers = Enumerable.Range(0, 200).Select(i => new ServerId($"s{i}")).ToArray();
        foreach (var server in servers) Assert.IsType<ProvisionOutcome.Done>(await provisioner.AddAsync(server, CancellationToken.None));
        Assert.Equal(200, there.Count);
        foreach (var server in servers) Assert.IsType<ProvisionOutcome.Done>(await provisioner.RemoveAsync(server, CancellationToken.None));
        Assert.Empty(there);
        return ([.. clock.Delays.Take(200)], [.. clock.Delays.Skip(200)]);

        static Task Note(bool changed)
        {
            Assert.True(changed);
            return Task.CompletedTask;
        }
    }

    /// <summary>A clock whose timers are due at once, and that knows when they were asked for.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public List<double> Delays { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Delays.Add(dueTime.TotalSeconds);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
