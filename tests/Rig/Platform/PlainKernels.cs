using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Notebook.JupyterWire;

namespace Notebook.Rig.Platform;

/// <summary>Stock ipykernels by the hundred: forked from one process that has imported ipykernel. They end with it.</summary>
public sealed class PlainKernels : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nb-").FullName;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Process _server;
    private int _made;

    private PlainKernels(Process server) => _server = server;

    public static PlainKernels Start()
    {
        var start = Command.StartInfo(Command.Python, [Built.File("tests", "Rig", "Platform", "plain_kernels.py")]);
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        start.Environment["PYTHONHASHSEED"] = "0";   // as the platform's have: sets in the same order
        return new(Process.Start(start)!);
    }

    /// <summary>One more, in this directory.</summary>
    public async Task<ForkedKernel> ForkAsync(string directory, IReadOnlyDictionary<string, string> environment)
    {
        var connection = KernelConnection.OverUnixSockets(Path.Combine(_folder, $"{Interlocked.Increment(ref _made)}"), "python3");
        var file = connection.Ip + ".json";
        await File.WriteAllTextAsync(file, connection.ToJson());
        var order = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["connection_file"] = file,
            ["directory"] = directory,
            ["environment"] = environment,
        });
        await _turn.WaitAsync();
        try
        {
            await _server.StandardInput.WriteLineAsync(order);
            await _server.StandardInput.FlushAsync();
            var pid = await _server.StandardOutput.ReadLineAsync().WithinAsync("the process id of a plain kernel")
                ?? throw new InvalidOperationException($"the server of plain kernels ended: {_server.StartInfo.ArgumentList[0]}");
            return new(connection, Processes.Mark(int.Parse(pid, CultureInfo.InvariantCulture)));
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _server.Kill();
        _server.WaitForExit();
        _server.Dispose();
        _turn.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>One of them; it ends when this is disposed of.</summary>
public sealed class ForkedKernel(KernelConnection connection, ProcessMark? process) : IDisposable
{
    public KernelConnection Connection => connection;

    public void Dispose()
    {
        if (process is { IsAlive: true } alive) Processes.KillNine(alive.Pid);
    }
}
