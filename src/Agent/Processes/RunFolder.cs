using System.Text;
using Notebook.JupyterWire;

namespace Notebook.Agent.Processes;

/// <summary>The agent's private folder for connection files and Unix sockets: for its owner only, emptied at each start.</summary>
internal sealed class RunFolder
{
    private const int RoomForNames = 24;
    private readonly string _path;

    /// <summary>Makes the folder; where <paramref name="path"/> is too long for Unix sockets, in the system's temporary folder.</summary>
    public RunFolder(string path)
    {
        _path = Encoding.UTF8.GetByteCount(path) + RoomForNames <= KernelConnection.MaxSocketPath
            ? path
            : Path.Combine(Path.GetTempPath(), $"notebook-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..8]}");
        if (Directory.Exists(_path)) Directory.Delete(_path, recursive: true);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(_path);
        else Directory.CreateDirectory(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Writes the connection file of a new process; returns its path too.</summary>
    public (KernelConnection Connection, string File) NewConnection(string id, string kernelName)
    {
        var connection = KernelConnection.OverUnixSockets(Path.Combine(_path, id), kernelName);
        var file = Path.Combine(_path, $"{id}.json");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(file, options)) writer.Write(connection.ToJson());
        return (connection, file);
    }

    /// <summary>Removes what a process that ended left.</summary>
    public void Clean(string id)
    {
        File.Delete(Path.Combine(_path, $"{id}.json"));
        for (var port = 1; port <= 5; port++) File.Delete(Path.Combine(_path, $"{id}-{port}"));
    }

    /// <summary>Removes the folder.</summary>
    public void Remove()
    {
        if (Directory.Exists(_path)) Directory.Delete(_path, recursive: true);
    }
}
