using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Storage;

public sealed class StorePropertyTests
{
    private static readonly LogStoreOptions Small = new() { SegmentBytes = 16 << 10, BatchBytes = 4 << 10, CacheBytes = 3000 };

    [Fact]
    public void A_store_shows_what_was_written_to_it_before_and_after_it_is_opened_again()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var disk = new SimulatedDisk(seed);
            var work = new StoreWorkload(seed, 4, Small);
            work.Open(disk);
            for (var step = 0; step < 60; step++)
            {
                work.Step();
                if (step % 5 == 0) work.CheckNow($"step {step}");
                if (step % 20 != 19) continue;
                work.Sync();
                work.Store!.Dispose();
                work.Open(disk);
                work.CheckRecovered($"opened again after step {step}");
            }
        }
    }

    [Fact]
    public void After_a_crash_nothing_synced_is_lost_and_the_rest_is_a_prefix()
    {
        for (var seed = 0; seed < 150; seed++) CrashAgainAndAgain(seed, crashes: 6);
    }

    [Fact]
    public void A_crash_may_come_at_every_step_also_of_recovery()
    {
        for (var at = 1; at < 250; at++)
        {
            var disk = new SimulatedDisk(at) { CrashAt = at };
            var work = new StoreWorkload(7, 3, Small);
            CrashOnce(disk, work, at);
            disk.CrashAt = disk.Operations + 1 + (at % 6);
            Recover(disk, work, $"crash at {at}");
        }
    }

    internal static void CrashAgainAndAgain(int seed, int crashes, Action<SimulatedDisk, StoreWorkload>? deform = null)
    {
        var disk = new SimulatedDisk(seed);
        var chance = new Random(seed);
        var work = new StoreWorkload(seed, 4, Small);
        deform?.Invoke(disk, work);
        work.Open(disk);
        for (var crash = 0; crash < crashes; crash++)
        {
            disk.CrashAt = disk.Operations + 1 + chance.Next(60);
            CrashOnce(disk, work, crash);
            if (chance.Next(4) == 0) disk.CrashAt = disk.Operations + 1 + chance.Next(5);
            Recover(disk, work, $"crash {crash}");
        }
    }

    private static void CrashOnce(SimulatedDisk disk, StoreWorkload work, int seed)
    {
        try
        {
            if (work.Store is null) work.Open(disk);
            for (var step = 0; step < 1000; step++) work.Step();
            Assert.Fail($"seed {seed}: the crash never came");
        }
        catch (SimulatedCrashException)
        {
            if (seed % 4 == 3) disk.Kill();
            else disk.Restart();
        }
    }

    private static void Recover(SimulatedDisk disk, StoreWorkload work, string when)
    {
        try
        {
            work.Open(disk);
        }
        catch (SimulatedCrashException)
        {
            disk.Restart();
            work.Open(disk);
        }

        disk.CrashAt = int.MaxValue;
        work.CheckRecovered(when);
    }
}
