namespace Notebook.TestKit;

/// <summary>A folder that goes with the test.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("nb-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
