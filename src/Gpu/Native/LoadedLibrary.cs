using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Notebook.Gpu.Native;

/// <summary>A library that the system's loader found. It stays loaded: a driver's library does not like to be unloaded.</summary>
internal sealed class LoadedLibrary : INativeExports
{
    private readonly nint _handle;
    private readonly ConcurrentDictionary<string, nint> _found = [];

    private LoadedLibrary(nint handle) => _handle = handle;

    /// <summary>Loads it; null when it is not here, or is no library.</summary>
    /// <param name="name">Its name, which the loader looks for, or its path.</param>
    public static LoadedLibrary? TryLoad(string name) => NativeLibrary.TryLoad(name, out var handle) ? new(handle) : null;

    /// <inheritdoc/>
    public bool TryFind(string name, out nint address)
    {
        address = _found.GetOrAdd(name, (export, library) => NativeLibrary.TryGetExport(library, export, out var found) ? found : 0, _handle);
        return address != 0;
    }
}
