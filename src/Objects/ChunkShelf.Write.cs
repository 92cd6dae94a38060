using Notebook.Objects.Disk;

namespace Notebook.Objects;

internal sealed partial class ChunkShelf
{
    /// <summary>
    /// Pins all these chunks, and takes room for those of them that are to be written: all of it or none. Null when there
    /// is none; <paramref name="shortage"/> says so then.
    /// </summary>
    internal Reservation? TryReserve(IEnumerable<ChunkRef> chunks, PinScope pins, out DiskShortage? shortage)
    {
        lock (_gate)
        {
            var (absent, asked) = (new List<ChunkRef>(), 0L);
            foreach (var chunk in chunks)
            {
                Pin(pins, chunk.Hash);
                if (IsThere(chunk, out var shelved) && shelved.IsTrusted) continue;
                absent.Add(chunk);
                asked += chunk.Length;
            }
            var free = absent.Count == 0 ? 0 : Free();
            shortage = asked > free ? new(asked, Math.Max(0, free)) : null;
            if (shortage is not null) return null;
            _reserved += asked;
            return new(this, asked, absent);
        }
    }

    /// <summary>Writes a chunk within a reservation. False when another put was faster.</summary>
    /// <exception cref="DiskFullException">The disk is full in spite of the reservation; nothing of the chunk stays.</exception>
    internal bool Write(ChunkRef chunk, ReadOnlySpan<byte> bytes, Reservation room)
    {
        var temporary = WriteTemporary(chunk, bytes);
        lock (_gate)
        {
            room.Left -= chunk.Length;
            _reserved -= chunk.Length;
            if (_chunks.TryGetValue(chunk.Hash, out var present) && present.IsTrusted && present.Length == chunk.Length)
            {
                _files.Delete(temporary);
                return false;
            }
            Publish(chunk, temporary, present);
            return true;
        }
    }

    /// <summary>Undoes a put that could not be completed: deletes what it wrote, unless somebody else came to rely on it.</summary>
    internal void Undo(IEnumerable<ChunkRef> written)
    {
        lock (_gate)
        {
            foreach (var chunk in written)
            {
                if (!_chunks.TryGetValue(chunk.Hash, out var shelved)) continue;
                if (shelved.Condition == ChunkCondition.Good && _pins.GetValueOrDefault(chunk.Hash) <= 1) Delete(chunk.Hash, shelved);
            }
        }
    }

    internal void Release(Reservation room)
    {
        lock (_gate)
        {
            _reserved -= room.Left;
            room.Left = 0;
        }
    }

    private string WriteTemporary(ChunkRef chunk, ReadOnlySpan<byte> bytes)
    {
        var name = ChunkNames.TemporaryOf(chunk.Hash, Interlocked.Increment(ref _lastTemporary));
        try
        {
            _files.Write(name, bytes);
            return name;
        }
        catch (IOException)
        {
            _files.Delete(name);
            throw;
        }
    }

    private void Publish(ChunkRef chunk, string temporary, ShelvedChunk? replaced)
    {
        _files.Rename(temporary, ChunkNames.Of(chunk.Hash));
        _chunks[chunk.Hash] = new(chunk.Length, ChunkCondition.Good, _epoch);
        _bytes += chunk.Length - (replaced?.Length ?? 0);
    }

    private void Delete(ObjectHash hash, ShelvedChunk shelved)
    {
        _chunks.Remove(hash);
        _bytes -= shelved.Length;
        _files.Delete(ChunkNames.Of(hash));
    }
}
