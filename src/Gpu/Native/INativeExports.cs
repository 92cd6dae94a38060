namespace Notebook.Gpu.Native;

/// <summary>The entry points of a native library. What a library lacks is an answer, not an error.</summary>
internal interface INativeExports
{
    /// <summary>Finds the address of <paramref name="name"/>.</summary>
    bool TryFind(string name, out nint address);
}
