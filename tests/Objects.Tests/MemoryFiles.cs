namespace Notebook.Objects.Tests;

/// <summary>A process that ended in the middle of something.</summary>
public sealed class CrashException : Exception;

/// <summary>
/// A disk in memory that can be full, decay, fail to sync, and end the process at a chosen operation. What was written but
/// not synced may be lost, torn or zeroed by a power cut.
/// </summary>
public sealed class MemoryFiles : IChunkFiles
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly HashSet<string> _durable = [];

    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>What the disk says is free beyond the truth: as if another program filled it meanwhile.</summary>
    public long Overstated { get; set; }

    public bool SyncFails { get; set; }

    /// <summary>The operation at which the process ends, counted from 1; 0 for never.</summary>
    public int CrashAt { get; set; }

    public int Operations { get; private set; }

    public int Writes { get; private set; }

    public List<int> Syncs { get; } = [];

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate) return [.. _files.Keys.Order(StringComparer.Ordinal)];
        }
    }

    public long FreeBytes
    {
        get
        {
            lock (_gate) return Capacity == long.MaxValue ? long.MaxValue / 2 : Capacity - Used + Overstated;
        }
    }

    private long Used => _files.Values.Sum(file => (long)file.Length);

    public IEnumerable<(string Name, long Length)> List()
    {
        lock (_gate) return [.. _files.Select(file => (file.Key, (long)file.Value.Length))];
    }

    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            Writes++;
            if (IsCrash()) { _files[name] = bytes[..(bytes.Length / 2)].ToArray(); throw new CrashException(); }
            if (Used + bytes.Length > Capacity)
            {
                _files[name] = bytes[..(int)Math.Max(0, Capacity - Used)].ToArray();
                throw new DiskFullException(name);
            }
            _files.Add(name, bytes.ToArray());
        }
    }

    public int? Read(string name, Span<byte> to)
    {
        lock (_gate)
        {
            if (!_files.TryGetValue(name, out var file)) return null;
            var length = Math.Min(file.Length, to.Length);
            file.AsSpan(0, length).CopyTo(to);
            return length;
        }
    }

    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            if (IsCrash()) throw new CrashException();
            _files.Remove(from, out var file);
            _files[to] = file ?? throw new FileNotFoundException(from);
            _durable.Remove(to);
        }
    }

    public void Delete(string name)
    {
        lock (_gate)
        {
            if (IsCrash()) throw new CrashException();
            _files.Remove(name);
            _durable.Remove(name);
        }
    }

    public void Sync(IReadOnlyList<string> names)
    {
        lock (_gate)
        {
            if (IsCrash()) throw new CrashException();
            Syncs.Add(names.Count);
            if (SyncFails) throw new IOException("a bad block");
            _durable.UnionWith(names);
        }
    }

    public void Dispose()
    {
    }

    /// <summary>Changes what is on the disk behind the store's back.</summary>
    public void Decay(string name, Func<byte[], byte[]> change)
    {
        lock (_gate) _files[name] = change([.. _files[name]]);
    }

    /// <summary>The disk as the next process finds it after a crash of the process alone.</summary>
    public MemoryFiles AfterCrash() => Survive((_, file) => file);

    /// <summary>The disk after a power cut: a file that was not synced is there, gone, torn or zeroed.</summary>
    public MemoryFiles AfterPowerCut(Random random) => Survive((name, file) => _durable.Contains(name) ? file : random.Next(4) switch
    {
        0 => file,
        1 => null,
        2 => file[..random.Next(file.Length)],
        _ => new byte[file.Length],
    });

    private MemoryFiles Survive(Func<string, byte[], byte[]?> fate)
    {
        lock (_gate)
        {
            var next = new MemoryFiles { Capacity = Capacity };
            foreach (var (name, file) in _files)
                if (fate(name, file) is { } left) next._files[name] = [.. left];
            next._durable.UnionWith(_durable);
            return next;
        }
    }

    private bool IsCrash() => ++Operations == CrashAt || (CrashAt > 0 && Operations > CrashAt);
}
