using Notebook.Hosting;

namespace Notebook.Cli.Supervision;

/// <summary>The right to supervise a data directory: one process at a time has it, and its death gives it back.</summary>
internal sealed class DataLock : IDisposable
{
    private readonly FileStream _file;

    private DataLock(FileStream file) => _file = file;

    /// <summary>Takes it; null when another process has it.</summary>
    public static DataLock? TryTake(DataDirectory data)
    {
        try
        {
            return new DataLock(new FileStream(
                Path.Combine(data.Run, "up.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
