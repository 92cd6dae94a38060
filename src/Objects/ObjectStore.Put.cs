using System.Buffers;
using System.Collections.Immutable;
using Notebook.Objects.Chunking;
using Notebook.Objects.Disk;

namespace Notebook.Objects;

public sealed partial class ObjectStore
{
    /// <summary>
    /// Puts a value: its chunks and its manifest, whatever of them is not here yet. All of it is pinned by the scope.
    /// The bytes must not change until the task ends.
    /// </summary>
    public Task<PutOutcome> PutAsync(ReadOnlyMemory<byte> value, ChunkingMethod method, PinScope pins, CancellationToken stop) =>
        PutAsync(new ReadOnlySequence<byte>(value), method, pins, stop);

    /// <summary>Puts a value that lies in several pieces of memory, or is too long for one.</summary>
    public async Task<PutOutcome> PutAsync(
        ReadOnlySequence<byte> value, ChunkingMethod method, PinScope pins, CancellationToken stop)
    {
        // 1. Cut it, and name the chunks.
        var lengths = await _lanes.RunAsync(() => Cutter.Cut(value, method), stop);
        if (lengths.Count > Manifest.MaxChunks) return new PutOutcome.TooLarge(value.Length, lengths.Count);
        var pieces = Slice(value, lengths);
        var named = new ChunkRef[pieces.Length];
        await _lanes.ForAsync(pieces.Length, i =>
        {
            using var bytes = new ContiguousBytes(pieces[i]);
            named[i] = ChunkRef.Of(bytes.Span);
            _shelf.Check(named[i]);
        }, stop);
        var manifest = Manifest.Of([.. named]);

        // 2. Take room for all that is new, or for nothing.
        _shelf.Check(manifest.Id);
        using var room = _shelf.TryReserve(named.Prepend(manifest.Id).Distinct(), pins, out var shortage);
        if (room is null) return new PutOutcome.Full(shortage!);

        // 3. Write it.
        var pieceOf = new Dictionary<ChunkRef, ReadOnlySequence<byte>>(named.Length + 1) { [manifest.Id] = new(manifest.Chunk.Bytes) };
        for (var i = 0; i < named.Length; i++) pieceOf.TryAdd(named[i], pieces[i]);
        if (await TryWriteAsync(room, chunk => pieceOf[chunk], stop) is not { } written) return new PutOutcome.Full(Shortage(room));

        Interlocked.Add(ref _putBytes, value.Length);
        return new PutOutcome.Stored(manifest, written);
    }

    /// <summary>Puts a chunk that came from a peer. It is pinned by the scope.</summary>
    public Task<PutChunkOutcome> PutChunkAsync(VerifiedChunk chunk, PinScope pins, CancellationToken stop) => PutChunksAsync([chunk], pins, stop);

    /// <summary>Puts chunks that belong together: all or none of them. They are pinned by the scope in any case.</summary>
    public async Task<PutChunkOutcome> PutChunksAsync(IReadOnlyList<VerifiedChunk> chunks, PinScope pins, CancellationToken stop)
    {
        var bytesOf = new Dictionary<ChunkRef, ReadOnlyMemory<byte>>(chunks.Count);
        foreach (var chunk in chunks) bytesOf[chunk.Ref] = chunk.Bytes;
        using var room = _shelf.TryReserve(bytesOf.Keys, pins, out var shortage);
        if (room is null) return new PutChunkOutcome.Full(shortage!);
        if (await TryWriteAsync(room, chunk => new(bytesOf[chunk]), stop) is not { } written) return new PutChunkOutcome.Full(Shortage(room));
        return new PutChunkOutcome.Stored(IsNew: written.Length > 0);
    }

    private static ReadOnlySequence<byte>[] Slice(in ReadOnlySequence<byte> value, IReadOnlyList<int> lengths)
    {
        var (pieces, start) = (new ReadOnlySequence<byte>[lengths.Count], value.Start);
        for (var i = 0; i < pieces.Length; i++)
        {
            pieces[i] = value.Slice(start, lengths[i]);
            start = pieces[i].End;
        }
        return pieces;
    }

    // The chunks that were new, in order; null when the disk turned out to be full, and then nothing of them is left.
    private async Task<ImmutableArray<ChunkRef>?> TryWriteAsync(
        Reservation room, Func<ChunkRef, ReadOnlySequence<byte>> bytesOf, CancellationToken stop)
    {
        var isNew = new bool[room.Absent.Count];
        try
        {
            await _lanes.ForAsync(isNew.Length, i =>
            {
                var chunk = room.Absent[i];
                using var bytes = new ContiguousBytes(bytesOf(chunk));
                isNew[i] = _shelf.Write(chunk, bytes.Span, room);
            }, stop);
        }
        catch (DiskFullException)
        {
            _shelf.Undo(room.Absent.Where((_, i) => isNew[i]));
            return null;
        }
        ImmutableArray<ChunkRef> written = [.. room.Absent.Where((_, i) => isNew[i])];
        Interlocked.Add(ref _writtenBytes, written.Sum(chunk => (long)chunk.Length));
        return written;
    }

    private DiskShortage Shortage(Reservation room) => new(room.Absent.Sum(chunk => (long)chunk.Length), _shelf.Status().Free);
}
