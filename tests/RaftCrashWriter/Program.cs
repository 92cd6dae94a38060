using System.Globalization;
using System.Text;
using Notebook.Raft;
using Notebook.Raft.Storage;
using Notebook.Raft.Storage.Disks;

namespace Notebook.RaftCrashWriter;

/// <summary>
/// Appends entries to sixteen groups of a log store on the real disk, and prints <c>GROUP INDEX .</c> for each that the
/// writer has acknowledged, until somebody kills it.
/// </summary>
public static class Program
{
    /// <summary>How many groups it writes to.</summary>
    public const int Groups = 16;

    /// <summary>Whose store it is.</summary>
    public static StoreIdentity Identity { get; } = new("crash", "server");

    /// <summary>The id of a group by its number.</summary>
    public static GroupId Group(int number) => new(new Guid(number, 0, 0, new byte[8]));

    /// <summary>What the entry of an index holds.</summary>
    public static byte[] DataOf(int group, long index) => Encoding.UTF8.GetBytes($"{group}/{index}");

    public static async Task Main(string[] args)
    {
        // Small segments, so that a kill also comes while one is begun.
        using var store = LogStore.Open(new FolderDisk(args[0]), Identity, new LogStoreOptions { SegmentBytes = 64 << 10 });
        await using var writer = new LogWriter(store, TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, Groups).Select(group => WriteAsync(store, writer, group)));
    }

    private static async Task WriteAsync(LogStore store, LogWriter writer, int number)
    {
        var group = Group(number);
        for (var index = store.Group(group).Last.Index + 1; ; index++)
        {
            var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var entry = new Entry(new EntryId(1, index), EntryKind.Data, DataOf(number, index));
            if (writer.Submit(new GroupWrite(group) { Entries = [entry] }, durable.SetResult) is not SubmitOutcome.Accepted) return;
            await durable.Task;
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{number} {index} ."));
        }
    }
}
