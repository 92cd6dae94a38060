namespace Notebook.Acceptance.Tests;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("nb-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
