using Notebook.Raft.Storage.Records;

namespace Notebook.Raft.Storage.Recovery;

/// <summary>A record that recovery found.</summary>
/// <param name="Header">Its header, which is right.</param>
/// <param name="At">Where it stands.</param>
/// <param name="IsWhole">Whether its payload is right too.</param>
/// <param name="Payload">The payload of a <see cref="RecordType.Base"/> or <see cref="RecordType.Mark"/> record.</param>
internal readonly record struct FoundRecord(RecordHeader Header, LogPosition At, bool IsWhole, byte[]? Payload);

/// <summary>A stretch of a segment in which there is no record, though there was.</summary>
/// <param name="From">Its first byte.</param>
/// <param name="To">The byte after its last.</param>
internal readonly record struct BadStretch(LogPosition From, LogPosition To);
