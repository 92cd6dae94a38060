namespace Notebook.Raft.Storage;

/// <summary>The log writer has ended, because it was disposed or because the disk failed: nothing more becomes durable.</summary>
/// <param name="cause">The disk's failure, if there was one.</param>
public sealed class LogWriterEndedException(Exception? cause) : InvalidOperationException("the log writer has ended", cause);
