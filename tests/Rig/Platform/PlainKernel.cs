using System.Diagnostics;
using Notebook.JupyterWire;

namespace Notebook.Rig.Platform;

/// <summary>A stock ipykernel, started as jupyter_client starts it: what the platform is measured against.</summary>
public sealed class PlainKernel : IDisposable
{
    private readonly Process _process;
    private readonly string _connectionFile;

    private PlainKernel(Process process, KernelConnection connection, string connectionFile) =>
        (_process, Connection, _connectionFile) = (process, connection, connectionFile);

    public KernelConnection Connection { get; }

    /// <summary>Starts one.</summary>
    /// <param name="ipythonFolder">See <see cref="Command.Start"/>.</param>
    public static PlainKernel Start(string? ipythonFolder = null)
    {
        int Port() => NotebookPlatform.FreePort();
        var connection = new KernelConnection(
            "tcp", "127.0.0.1", Port(), Port(), Port(), Port(), Port(), Guid.NewGuid().ToString("N"), "python3");
        var file = Path.Combine(Path.GetTempPath(), $"kernel-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, connection.ToJson());
        var process = Command.Start(Command.Python, ["-m", "ipykernel_launcher", "-f", file], ipythonFolder);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process, connection, file);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_connectionFile);
    }
}
