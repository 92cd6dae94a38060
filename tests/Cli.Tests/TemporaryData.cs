using Notebook.Hosting;

namespace Notebook.Cli.Tests;

/// <summary>A data directory of its own for a test.</summary>
public sealed class TemporaryData : IDisposable
{
    public DataDirectory Data { get; } = new(Directory.CreateTempSubdirectory("notebook-cli-").FullName);

    public void Dispose() => Directory.Delete(Data.Root, recursive: true);
}
