using System.Collections.Concurrent;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Grains;

[Alias("tests.ITimerGrain")]
public interface ITimerGrain : IGrainWithStringKey
{
    /// <summary>Starts a timer whose tick N raises <c>tick:KEY:N</c>, waits for <c>go:KEY:N</c>, and raises <c>ticked:KEY:N</c>.</summary>
    [Alias("Start")]
    Task Start(TimeSpan due, TimeSpan period, bool interleave);

    [AlwaysInterleave, Alias("Change")]
    Task Change(TimeSpan due, TimeSpan period);

    [AlwaysInterleave, Alias("Stop")]
    Task Stop();

    [Alias("Ping")]
    Task Ping();
}

public sealed class TimerGrain : Grain, ITimerGrain
{
    private IGrainTimer? _timer;
    private int _ticks;

    public Task Start(TimeSpan due, TimeSpan period, bool interleave)
    {
        _timer = this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(due, period) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task Change(TimeSpan due, TimeSpan period)
    {
        _timer!.Change(due, period);
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public Task Ping() => Task.CompletedTask;

    private async Task Tick(CancellationToken cancellation)
    {
        var tick = ++_ticks;
        Signals.Raise($"tick:{this.GetPrimaryKeyString()}:{tick}");
        await Signals.Raised($"go:{this.GetPrimaryKeyString()}:{tick}");
        Signals.Raise($"ticked:{this.GetPrimaryKeyString()}:{tick}");
    }
}

[Alias("tests.IReminderGrain")]
public interface IReminderGrain : IGrainWithStringKey
{
    [Alias("Remind")]
    Task Remind(string name, TimeSpan due, TimeSpan period);

    [Alias("Forget")]
    Task Forget(string name);
}

/// <summary>Tick N in this process raises <c>reminded:KEY:NAME:N</c>.</summary>
public sealed class ReminderGrain : Grain, IReminderGrain, IRemindable
{
    private static readonly ConcurrentDictionary<string, int> s_ticks = new();

    public Task Remind(string name, TimeSpan due, TimeSpan period) => this.RegisterOrUpdateReminder(name, due, period);

    public async Task Forget(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        var name = $"{this.GetPrimaryKeyString()}:{reminderName}";
        Signals.Raise($"reminded:{name}:{s_ticks.AddOrUpdate(name, 1, (_, ticks) => ticks + 1)}");
        return Task.CompletedTask;
    }
}
