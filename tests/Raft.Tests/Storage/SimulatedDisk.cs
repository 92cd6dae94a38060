using Notebook.Raft.Storage.Disks;

namespace Notebook.Raft.Tests.Storage;

/// <summary>The power goes out. Not an <see cref="IOException"/>: nothing may handle it.</summary>
public sealed class SimulatedCrashException : Exception;

/// <summary>
/// A disk in memory that does what real ones do at their worst. A crash keeps what was synced; of everything else, names
/// as well as bytes, it keeps what its seed says: any sectors of a write, a part of a sector, some names and not others.
/// It can be full, flip bits and fail to read. All chance comes from the seed, so a run can be repeated.
/// </summary>
public sealed class SimulatedDisk(int seed) : IDisk
{
    private const int SectorBytes = 512;

    private readonly Random _random = new(seed);
    private readonly HashSet<(string Name, int Sector)> _unreadable = [];
    private readonly List<Action<Dictionary<string, Content>>> _unsyncedNames = [];
    private Dictionary<string, Content> _durableNames = [];
    private Dictionary<string, Content> _names = [];
    private bool _isLocked;
    private bool _isDown;

    /// <summary>Changes that were made: writes, cuts, syncs, and those of names.</summary>
    public int Operations { get; private set; }

    /// <summary>The operation that the power goes out in, in <see cref="Operations"/>.</summary>
    public int CrashAt { get; set; } = int.MaxValue;

    /// <summary>Bytes that all files together may have.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>How many more writes go well before the disk is full; what a failing one writes is left to chance.</summary>
    public int WritesUntilFull { get; set; } = int.MaxValue;

    /// <summary>Called in the middle of each sync of a file.</summary>
    public Action? Syncing { get; set; }

    /// <summary>Files whose syncs do nothing, as in a store that forgets them; the folder itself is ".".</summary>
    public Predicate<string> SkipsSync { get; set; } = _ => false;

    /// <summary>Whether cutting files does nothing.</summary>
    public bool SkipsCuts { get; set; }

    public long FreeBytes => Math.Max(0, Capacity - Used);

    private long Used => _names.Values.Sum(c => (long)c.Bytes.Count);

    public IReadOnlyList<string> List()
    {
        MustBeUp();
        return [.. _names.Keys];
    }

    public IDiskFile Create(string name)
    {
        Step();
        if (_names.ContainsKey(name)) throw new IOException($"{name} exists");
        if (WritesUntilFull == 0) throw new DiskFullException(name, 0, FreeBytes);
        var content = new Content();
        Change(names => names[name] = content);
        return new Handle(this, name, content);
    }

    public IDiskFile Open(string name)
    {
        MustBeUp();
        return _names.TryGetValue(name, out var content) ? new Handle(this, name, content) : throw new FileNotFoundException(name);
    }

    public void Delete(string name)
    {
        Step();
        if (_names.ContainsKey(name)) Change(names => names.Remove(name));
    }

    public void Rename(string from, string to)
    {
        Step();
        var content = _names[from];
        Change(names =>
        {
            names.Remove(from);
            names[to] = content;
        });
    }

    public void SyncDirectory()
    {
        Step();
        if (SkipsSync(".")) return;
        _durableNames = new(_names);
        _unsyncedNames.Clear();
    }

    public IDisposable? TryLock()
    {
        MustBeUp();
        if (_isLocked) return null;
        _isLocked = true;
        return new Unlocking(this);
    }

    /// <summary>The power goes out and comes back: what was not synced is kept or not, as the seed says.</summary>
    public void Restart()
    {
        // Sometimes all, sometimes nothing, mostly some of it.
        var share = _random.Next(4) switch { 0 => 0.0, 1 => 1.0, _ => _random.NextDouble() };
        foreach (var change in _unsyncedNames)
            if (_random.NextDouble() < share) change(_durableNames);
        foreach (var content in _durableNames.Values.Distinct()) content.Crash(_random, share);
        _names = new(_durableNames);
        _unsyncedNames.Clear();
        (_isDown, _isLocked, CrashAt) = (false, false, int.MaxValue);
    }

    /// <summary>Only the process dies: the system keeps what it had written.</summary>
    public void Kill() => (_isDown, _isLocked, CrashAt) = (false, false, int.MaxValue);

    /// <summary>The bytes of a file.</summary>
    public byte[] BytesOf(string name) => [.. _names[name].Bytes];

    /// <summary>Puts other bytes into a file, durably.</summary>
    public void Overwrite(string name, int offset, ReadOnlySpan<byte> bytes) => _names[name].Overwrite(offset, bytes);

    /// <summary>How many bytes a file has.</summary>
    public int LengthOf(string name) => _names[name].Bytes.Count;

    /// <summary>Turns a bit of a file round, durably.</summary>
    public void Flip(string name, int offset, int bit = 0) => _names[name].Flip(offset, bit);

    /// <summary>Cuts a file, durably.</summary>
    public void Cut(string name, int length) => _names[name].Cut(length);

    /// <summary>Makes the sector of a byte unreadable.</summary>
    public void BreakSector(string name, int offset) => _unreadable.Add((name, offset / SectorBytes));

    /// <summary>A copy of it as it is, with nothing unsynced and nothing broken.</summary>
    public SimulatedDisk Clone(int cloneSeed)
    {
        var clone = new SimulatedDisk(cloneSeed);
        foreach (var (name, content) in _names) clone._names[name] = clone._durableNames[name] = content.Clone();
        return clone;
    }

    private void Change(Action<Dictionary<string, Content>> change)
    {
        change(_names);
        _unsyncedNames.Add(change);
    }

    private void MustBeUp()
    {
        if (_isDown) throw new SimulatedCrashException();
    }

    private void Step()
    {
        MustBeUp();
        if (++Operations < CrashAt) return;
        _isDown = true;
        throw new SimulatedCrashException();
    }

    private sealed class Unlocking(SimulatedDisk disk) : IDisposable
    {
        public void Dispose() => disk._isLocked = false;
    }

    private sealed class Handle(SimulatedDisk disk, string name, Content content) : IDiskFile
    {
        public long Length => content.Bytes.Count;

        public int Read(long offset, Span<byte> buffer)
        {
            disk.MustBeUp();
            var length = (int)Math.Clamp(content.Bytes.Count - offset, 0, buffer.Length);
            for (var sector = offset / SectorBytes; sector * SectorBytes < offset + length; sector++)
                if (disk._unreadable.Contains((name, (int)sector))) throw new IOException($"sector {sector} of {name} cannot be read");
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(content.Bytes).Slice((int)Math.Min(offset, content.Bytes.Count), length).CopyTo(buffer);
            return length;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            var isFull = disk.WritesUntilFull <= 0 || disk.Used + Math.Max(0, offset + bytes.Length - Length) > disk.Capacity;
            if (!isFull && disk.WritesUntilFull != int.MaxValue) disk.WritesUntilFull--;

            // The write that the power goes out in is with the system already: all of it may reach the disk.
            if (disk.Operations + 1 == disk.CrashAt) content.Write((int)offset, bytes);
            disk.Step();
            if (!isFull)
            {
                content.Write((int)offset, bytes);
                return;
            }

            content.Write((int)offset, bytes[..disk._random.Next(bytes.Length)]);
            throw new DiskFullException(name, bytes.Length, disk.FreeBytes);
        }

        public void Truncate(long length)
        {
            disk.Step();
            if (!disk.SkipsCuts) content.Truncate((int)length);
        }

        public void Sync()
        {
            disk.Step();
            disk.Syncing?.Invoke();
            if (!disk.SkipsSync(name)) content.Sync();
        }

        public void Dispose()
        {
        }
    }

    /// <summary>The bytes of a file: as they are, as they are durable, and what happened in between.</summary>
    private sealed class Content
    {
        private readonly List<(int Offset, byte[]? Written)> _unsynced = [];
        private List<byte> _durable = [];

        internal List<byte> Bytes { get; private set; } = [];

        internal void Write(int offset, ReadOnlySpan<byte> bytes)
        {
            if (bytes.IsEmpty) return;
            Apply(Bytes, offset, bytes);
            _unsynced.Add((offset, bytes.ToArray()));
        }

        internal void Truncate(int length)
        {
            if (length < Bytes.Count) Bytes.RemoveRange(length, Bytes.Count - length);
            _unsynced.Add((length, null));
        }

        internal void Sync()
        {
            _durable = [.. Bytes];
            _unsynced.Clear();
        }

        internal void Crash(Random random, double share)
        {
            foreach (var (offset, written) in _unsynced)
            {
                if (written is null && random.NextDouble() < share && offset < _durable.Count) _durable.RemoveRange(offset, _durable.Count - offset);
                for (var at = 0; at < written?.Length; at += SectorBytes)
                {
                    if (random.NextDouble() >= share) continue;
                    var length = Math.Min(SectorBytes, written.Length - at);
                    Apply(_durable, offset + at, written.AsSpan(at, random.Next(8) == 0 ? random.Next(length) : length));
                }
            }

            _unsynced.Clear();
            Bytes = [.. _durable];
        }

        internal void Flip(int offset, int bit)
        {
            Bytes[offset] ^= (byte)(1 << bit);
            Sync();
        }

        internal void Overwrite(int offset, ReadOnlySpan<byte> bytes)
        {
            Apply(Bytes, offset, bytes);
            Sync();
        }

        internal void Cut(int length)
        {
            Bytes.RemoveRange(length, Bytes.Count - length);
            Sync();
        }

        internal Content Clone() => new() { Bytes = [.. Bytes], _durable = [.. Bytes] };

        private static void Apply(List<byte> target, int offset, ReadOnlySpan<byte> bytes)
        {
            if (target.Count < offset + bytes.Length) target.AddRange(new byte[offset + bytes.Length - target.Count]);
            for (var i = 0; i < bytes.Length; i++) target[offset + i] = bytes[i];
        }
    }
}
