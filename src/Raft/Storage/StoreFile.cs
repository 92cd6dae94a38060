using System.Text;
using Notebook.Raft.Storage.Disks;
using Notebook.Raft.Storage.Records;

namespace Notebook.Raft.Storage;

/// <summary>The file that says whose store a folder is. Text, so that a person can read it: format, cluster, server, checksum.</summary>
internal static class StoreFile
{
    private const string Name = "store";
    private const string Unfinished = "store.new";
    private const string Format = "notebook raft log 1";

    /// <summary>Checks that the store is this cluster's and this server's; makes the file in an empty folder.</summary>
    /// <exception cref="StoreRefusedException">It is not, or cannot be read.</exception>
    internal static void Claim(IDisk disk, StoreIdentity identity)
    {
        disk.Delete(Unfinished);
        var names = disk.List();
        if (names.Contains(Name)) Check(disk, identity);
        else if (names.Any(n => Segment.NumberOf(n) is not null)) throw new StoreRefusedException($"there are log segments but no file {Name} that says whose they are");
        else Make(disk, identity);
    }

    private static void Make(IDisk disk, StoreIdentity identity)
    {
        using (var file = disk.Create(Unfinished))
        {
            file.Write(0, Bytes(identity));
            file.Sync();
        }

        disk.Rename(Unfinished, Name);
        disk.SyncDirectory();
    }

    private static void Check(IDisk disk, StoreIdentity expected)
    {
        var found = Read(disk);
        if (found.Cluster != expected.Cluster)
            throw new StoreRefusedException($"the log store is of cluster {found.Cluster}, this is a member of cluster {expected.Cluster}: give it a folder of its own");
        if (found.Server != expected.Server)
            throw new StoreRefusedException($"the log store is of server {found.Server}, this is server {expected.Server}: give it a folder of its own");
    }

    private static StoreIdentity Read(IDisk disk)
    {
        using var file = disk.Open(Name);
        var bytes = new byte[Math.Min(file.Length, 4096)];
        var text = Encoding.UTF8.GetString(bytes, 0, file.Read(0, bytes));
        if (text.Split('\n') is not [var format, var cluster, var server, _, ""])
            throw new StoreRefusedException($"the file {Name} of the log store is damaged");
        if (format != Format) throw new StoreRefusedException($"the log store has format '{format}', this build reads '{Format}'");
        var identity = new StoreIdentity(cluster, server);
        if (text != Encoding.UTF8.GetString(Bytes(identity))) throw new StoreRefusedException($"the file {Name} of the log store is damaged");
        return identity;
    }

    private static byte[] Bytes(StoreIdentity identity)
    {
        var text = $"{Format}\n{identity.Cluster}\n{identity.Server}\n";
        return Encoding.UTF8.GetBytes(text + $"{Crc32C.Of(Encoding.UTF8.GetBytes(text)):x8}\n");
    }
}
