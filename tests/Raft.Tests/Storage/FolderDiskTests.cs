using System.Diagnostics;
using System.Globalization;
using Notebook.Raft.Storage;
using Notebook.Raft.Storage.Disks;
using Notebook.TestKit;
using Writer = Notebook.RaftCrashWriter.Program;

namespace Notebook.Raft.Tests.Storage;

/// <summary>The store on the real file system.</summary>
public sealed class FolderDiskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("raft-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_store_on_the_real_disk_shows_what_was_written_to_it()
    {
        var options = new LogStoreOptions { SegmentBytes = 64 << 10, CacheBytes = 0 };
        var work = new StoreWorkload(11, 4, options);
        for (var round = 0; round < 3; round++)
        {
            work.Open(new FolderDisk(_folder));
            if (round > 0) work.CheckRecovered($"round {round}");
            for (var step = 0; step < 20; step++) work.Step();
            work.CheckNow($"round {round}");
            work.Sync();
            work.Store!.Dispose();
        }
    }

    [Fact]
    public void A_folder_in_use_or_of_another_cluster_or_server_is_refused_by_name()
    {
        using (LogStore.Open(new FolderDisk(_folder), new("ours", "one")))
            Assert.Contains("in use", Assert.Throws<StoreRefusedException>(() => LogStore.Open(new FolderDisk(_folder), new("ours", "one"))).Message, StringComparison.Ordinal);

        var cluster = Assert.Throws<StoreRefusedException>(() => LogStore.Open(new FolderDisk(_folder), new("theirs", "one"))).Message;
        Assert.True(cluster.Contains("ours", StringComparison.Ordinal) && cluster.Contains("theirs", StringComparison.Ordinal), cluster);
        var server = Assert.Throws<StoreRefusedException>(() => LogStore.Open(new FolderDisk(_folder), new("ours", "two"))).Message;
        Assert.Contains("is of server one", server, StringComparison.Ordinal);
        var path = Path.Combine(_folder, "store");
        File.WriteAllText(path, File.ReadAllText(path).Replace("ours", "hers", StringComparison.Ordinal));
        Assert.Contains("damaged", Assert.Throws<StoreRefusedException>(() => LogStore.Open(new FolderDisk(_folder), new("hers", "one"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_systems_answer_that_there_is_no_room_is_understood()
    {
        using var full = new FolderFile("/dev/full", FileMode.Open, () => 0);
        var refused = Assert.Throws<DiskFullException>(() => full.Write(0, new byte[100]));
        Assert.Equal((100, 0), (refused.AskedBytes, refused.FreeBytes));
        Assert.True(new FolderDisk(_folder).FreeBytes > 0);
    }

    /// <summary>A process writes and says what has been acknowledged, and is killed in the middle: all that it said is there.</summary>
    [Theory]
    [InlineData(200)]
    [InlineData(3000)]
    public async Task Acknowledged_entries_survive_a_killed_process(int killAfter)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(Writer).Assembly.Location, _folder },
            RedirectStandardOutput = true,
        })!;
        var acknowledged = new long[Writer.Groups];
        var lines = 0;
        while (await process.StandardOutput.ReadLineAsync().Within("an acknowledged entry") is { } line)
        {
            // GROUP INDEX; the last line may be cut off by the kill.
            if (line.Split(' ') is [var group, var index, "."]) acknowledged[int.Parse(group, CultureInfo.InvariantCulture)] = long.Parse(index, CultureInfo.InvariantCulture);
            if (++lines == killAfter) process.Kill();
        }

        await process.WaitForExitAsync().Within("the process's end");
        Assert.True(lines >= killAfter);
        using var store = LogStore.Open(new FolderDisk(_folder), Writer.Identity);
        Assert.Empty(store.Damages);
        for (var g = 0; g < Writer.Groups; g++)
        {
            var log = store.Group(Writer.Group(g));
            Assert.True(log.Last.Index >= acknowledged[g], $"group {g}: {log.Last} is stored, {acknowledged[g]} was acknowledged");
            var entries = log.Read(1, log.Last.Index, int.MaxValue);
            Assert.Equal(log.Last.Index, entries.Length);
            Assert.All(entries, e => Assert.Equal(Writer.DataOf(g, e.Id.Index), e.Data.ToArray()));
        }
    }
}
