using System.Net;
using System.Net.Sockets;
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
        return Write(id, KernelConnection.OverUnixSockets(Path.Combine(_path, id), kernelName));
    }

    /// <summary>As <see cref="NewConnection"/>, for a process that may know of TCP alone. The ports were free a moment ago, as with Jupyter.</summary>
    public (KernelConnection Connection, string File) NewTcpConnection(string id, string kernelName)
    {
        var listeners = Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in listeners) listener.Start();
            var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
            return Write(id, KernelConnection.OverTcp("127.0.0.1", kernelName) with
            {
                ShellPort = ports[0],
                IopubPort = ports[1],
                StdinPort = ports[2],
                ControlPort = ports[3],
                HeartbeatPort = ports[4],
            });
        }
        finally
        {
            foreach (var listener in listeners) listener.Dispose();
        }
    }

    private (KernelConnection Connection, string File) Write(string id, KernelConnection connection)
    {
        var file = Path.Combine(_path, $"{id}.json");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(file, options)) writer.Write(connection.ToJson());
        return (connection, file);
    }

    /// <summary>Where a process of ours finds the socket for memory beside those of its connection.</summary>
    public static string MemoryPath(KernelConnection connection) => $"{connection.Ip}-6";

    /// <summary>Removes what a process that ended left.</summary>
    public void Clean(string id)
    {
        File.Delete(Path.Combine(_path, $"{id}.json"));
        for (var port = 1; port <= 6; port++) File.Delete(Path.Combine(_path, $"{id}-{port}"));
    }

    /// <summary>Removes the folder.</summary>
    public void Remove()
    {
        if (Directory.Exists(_path)) Directory.Delete(_path, recursive: true);
    }
}
