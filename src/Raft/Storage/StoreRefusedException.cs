namespace Notebook.Raft.Storage;

/// <summary>A folder cannot be opened as this server's store. The text says what was found there, and what was expected.</summary>
/// <param name="reason">What was found, and what to do.</param>
public sealed class StoreRefusedException(string reason) : IOException(reason);
