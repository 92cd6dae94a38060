using Microsoft.Extensions.Logging;
using Notebook.Embedded.Storage;
using Orleans;
using Orleans.Runtime;
using Orleans.Timers;

namespace Notebook.Embedded.Hosting;

/// <summary>A stored reminder.</summary>
/// <param name="FirstTick">When it first ticks.</param>
/// <param name="Period">How often.</param>
internal sealed record ReminderEntry(DateTimeOffset FirstTick, TimeSpan Period)
{
    /// <summary>The first tick after <paramref name="now"/>; missed ones are not made up for.</summary>
    public DateTimeOffset NextTick(DateTimeOffset now) =>
        now < FirstTick ? FirstTick : FirstTick + (Period * (Math.Floor((now - FirstTick) / Period) + 1));
}

/// <summary>Keeps reminders in the store, and wakes their grains, also after a restart.</summary>
internal sealed class ReminderService(GrainHost host) : IReminderRegistry
{
    private const string Prefix = "reminder/";

    private static readonly MethodShape Receive =
        InterfaceShape.Of(typeof(IRemindable)).Methods.Single(m => m.Method.Name == nameof(IRemindable.ReceiveReminder));

    private readonly Dictionary<(GrainId Grain, string Name), Armed> _armed = [];

    public async Task StartAsync()
    {
        foreach (var stored in await host.Store.ListAsync(Prefix))
        {
            var entry = host.Json.Read<ReminderEntry>(stored.Body)!;
            Arm(GrainId.Parse(stored.Key.Grain), stored.Key.Name[Prefix.Length..], entry, stored.Etag);
        }
    }

    public void Stop()
    {
        lock (_armed)
        {
            foreach (var armed in _armed.Values) armed.Timer.Dispose();
            _armed.Clear();
        }
    }

    public async Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(dueTime), dueTime, "a reminder is not due in the past");
        if (period < host.Options.MinimumReminderPeriod)
        {
            throw new ArgumentException($"Cannot register reminder {reminderName} as requested period ({period}) is less than minimum allowed reminder period ({host.Options.MinimumReminderPeriod})");
        }

        var entry = new ReminderEntry(host.Time.GetUtcNow() + dueTime, period);
        var etag = await host.Store.WriteAsync(Key(callingGrainId, reminderName), host.Json.Write(entry), Find(callingGrainId, reminderName)?.Etag);
        return Arm(callingGrainId, reminderName, entry, etag);
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
    {
        var armed = Find(callingGrainId, reminder.ReminderName)
            ?? throw new ReminderException($"{callingGrainId} has no reminder \"{reminder.ReminderName}\"");
        await host.Store.RemoveAsync(Key(callingGrainId, armed.ReminderName), armed.Etag);
        lock (_armed)
        {
            _armed.Remove((callingGrainId, armed.ReminderName));
        }

        armed.Timer.Dispose();
    }

    public Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) =>
        Task.FromResult<IGrainReminder?>(Find(callingGrainId, reminderName));

    public Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId)
    {
        lock (_armed)
        {
            return Task.FromResult<List<IGrainReminder>>([.. _armed.Where(a => a.Key.Grain == callingGrainId).Select(a => a.Value)]);
        }
    }

    private static StateKey Key(GrainId grain, string name) => new(grain.ToString(), Prefix + name);

    private Armed? Find(GrainId grain, string name)
    {
        lock (_armed)
        {
            return _armed.GetValueOrDefault((grain, name));
        }
    }

    private Armed Arm(GrainId grain, string name, ReminderEntry entry, string etag)
    {
        Armed armed;
        using (ExecutionContext.SuppressFlow())
        {
            armed = new(name, grain, entry, etag, this, host.Time);
        }

        lock (_armed)
        {
            if (_armed.Remove((grain, name), out var before)) before.Timer.Dispose();
            _armed[(grain, name)] = armed;
        }

        armed.Set(host.Time.GetUtcNow());
        return armed;
    }

    private void Tick(Armed armed)
    {
        var now = host.Time.GetUtcNow();
        var call = Receive.NewCall(armed.Grain, [armed.ReminderName, new TickStatus(armed.Entry.FirstTick.UtcDateTime, armed.Entry.Period, now.UtcDateTime)]);
        host.Receive(call);
        _ = call.Answer.ContinueWith(
            done => host.Log.LogWarning(done.Exception?.InnerException, "reminder {Reminder} of {Grain} failed", armed.ReminderName, armed.Grain),
            CancellationToken.None, TaskContinuationOptions.NotOnRanToCompletion, TaskScheduler.Default);
        armed.Set(now);
    }

    private sealed class Armed : IGrainReminder
    {
        public Armed(string name, GrainId grain, ReminderEntry entry, string etag, ReminderService service, TimeProvider time)
        {
            (ReminderName, Grain, Entry, Etag) = (name, grain, entry, etag);
            Timer = time.CreateTimer(_ => service.Tick(this), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public string ReminderName { get; }

        public GrainId Grain { get; }

        public ReminderEntry Entry { get; }

        public string Etag { get; }

        public ITimer Timer { get; }

        public void Set(DateTimeOffset now) => Timer.Change(Entry.NextTick(now) - now, Timeout.InfiniteTimeSpan);
    }
}
