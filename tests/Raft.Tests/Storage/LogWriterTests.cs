using Notebook.Raft.Storage;
using Notebook.TestKit;

namespace Notebook.Raft.Tests.Storage;

public sealed class LogWriterTests
{
    private readonly SimulatedDisk _disk = new(1);
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Writes_are_completed_in_order_and_share_syncs()
    {
        using var store = Open();
        await using var writer = new LogWriter(store, _time);
        var before = _disk.Operations;
        var completed = new List<int>();
        var gate = new ManualResetEventSlim();
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.IsType<SubmitOutcome.Accepted>(writer.Submit(Entry(0, 1), gate.Wait));
        for (var i = 1; i <= 500; i++)
        {
            var number = i;
            writer.Submit(Entry(i % 50, ((i - 1) / 50) + (i % 50 == 0 ? 2 : 1)), () =>
            {
                completed.Add(number);
                if (number == 500) last.SetResult();
            });
        }

        // All are there to be read, though none can be durable while the writer is held.
        Assert.Equal(10, store.Group(StoreWorkload.Group(1)).Last.Index);
        gate.Set();
        await last.Task.Within("the last completion");
        Assert.Equal(Enumerable.Range(1, 500), completed);
        Assert.InRange(_disk.Operations - before, 2, 30);
    }

    [Fact]
    public async Task What_was_completed_survives_the_loss_of_power()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var disk = new SimulatedDisk(seed);
            var completed = 0L;
            using (var store = LogStore.Open(disk, StoreWorkload.Identity))
            {
                disk.CrashAt = disk.Operations + 10 + seed;
                var writer = new LogWriter(store, _time);
                for (var index = 1L; !writer.Completion.IsCompleted; index++)
                {
                    var (number, durable) = (index, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                    try
                    {
                        writer.Submit(Entry(0, number), () =>
                        {
                            completed = number;
                            durable.SetResult();
                        });
                    }
                    catch (InvalidOperationException)
                    {
                        break;
                    }

                    await Task.WhenAny(durable.Task, writer.Completion).Within("a completion or the crash");
                }

                await Assert.ThrowsAsync<SimulatedCrashException>(() => writer.Completion.Within("the crash"));
                await writer.DisposeAsync();
            }

            disk.Restart();
            using var again = LogStore.Open(disk, StoreWorkload.Identity);
            var last = again.Group(StoreWorkload.Group(0)).Last.Index;
            Assert.True(last >= completed && completed > 0, $"seed {seed}: {completed} were completed, {last} are there");
        }
    }

    [Fact]
    public async Task A_queue_that_is_full_refuses()
    {
        using var store = Open();
        await using var writer = new LogWriter(store, _time, new WriterOptions { QueueLength = 2 });
        var (held, gate) = (new TaskCompletionSource(), new ManualResetEventSlim());
        writer.Submit(Entry(0, 1), () =>
        {
            held.SetResult();
            gate.Wait();
        });
        await held.Task.Within("the first completion");
        Assert.IsType<SubmitOutcome.Accepted>(writer.Submit(Entry(0, 2), () => { }));
        Assert.IsType<SubmitOutcome.Accepted>(writer.Submit(Entry(0, 3), () => { }));
        Assert.Equal(new SubmitOutcome.QueueFull(2), writer.Submit(Entry(0, 4), () => { }));
        Assert.Equal(3, store.Group(StoreWorkload.Group(0)).Last.Index);
        gate.Set();
    }

    [Fact]
    public async Task A_full_disk_refuses_new_writes_serves_reads_and_goes_on_when_there_is_room()
    {
        using var store = Open();
        await using var writer = new LogWriter(store, _time);
        await Write(writer, Entry(0, 1));
        _disk.WritesUntilFull = 0;
        var waiting = Write(writer, Entry(0, 2));
        await Waiting.Until(() => writer.Full is not null, "the disk being full");
        Assert.IsType<SubmitOutcome.DiskFull>(writer.Submit(Entry(0, 3), () => { }));
        Assert.False(waiting.IsCompleted);
        Assert.Equal(1, store.Group(StoreWorkload.Group(0)).Read(1, 1, 100)[0].Id.Index);
        _disk.WritesUntilFull = int.MaxValue;
        await Waiting.Until(() => _time.ArmedTimers == 1, "the next try being set");
        _time.Advance(TimeSpan.FromSeconds(1));
        await waiting.Within("the write that waited");
        Assert.Null(writer.Full);
        await Write(writer, Entry(0, 3));
        Assert.Equal(3, store.Group(StoreWorkload.Group(0)).Last.Index);
    }

    [Fact]
    public async Task A_disk_whose_syncs_take_too_long_is_told_of_and_writes_go_on()
    {
        using var store = Open();
        var said = new List<SlowSync>();
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var writer = new LogWriter(store, _time, onSlow: sync =>
        {
            said.Add(sync);
            slow.SetResult();
        });
        await Write(writer, Entry(0, 1));
        _disk.Syncing = () => _time.Advance(TimeSpan.FromSeconds(1.5));
        await Write(writer, Entry(0, 2));
        await slow.Task.Within("it is said");
        await Write(writer, Entry(0, 3));
        await Write(writer, Entry(0, 4));
        Assert.Equal(1, Assert.Single(said).Count);   // once a minute
        Assert.InRange(said[0].Took, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(10));
    }

    private static Task Write(LogWriter writer, GroupWrite write)
    {
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.IsType<SubmitOutcome.Accepted>(writer.Submit(write, durable.SetResult));
        return durable.Task.Within("a write");
    }

    private static GroupWrite Entry(int group, long index) =>
        new(StoreWorkload.Group(group)) { Entries = [new Entry(new(1, index), EntryKind.Data, new byte[100])] };

    private LogStore Open() => LogStore.Open(_disk, StoreWorkload.Identity);
}
