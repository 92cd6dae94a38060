namespace Notebook.Raft;

/// <summary>Bytes that claim to be a Raft message or a membership are not one. What a peer sends is input, not truth.</summary>
/// <param name="found">What was found.</param>
public sealed class WireFormatException(string found) : FormatException($"malformed Raft bytes: {found}");
