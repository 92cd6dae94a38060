using System.Collections.Immutable;
using Notebook.Objects;

namespace Notebook.Agent.State;

/// <summary>What a process takes in next: one change, or a snapshot.</summary>
/// <param name="Inline">As a kernel process wrote it.</param>
/// <param name="Sequence">The change that the process is at when it has it.</param>
/// <param name="Blobs">Large memory that came with it.</param>
internal readonly record struct StatePiece(ReadOnlyMemory<byte> Inline, long Sequence, ImmutableArray<ChunkRef> Blobs);
