using System.Net.Sockets;
using Notebook.Agent.Kernels;
using Notebook.Agent.Processes.Memory;
using Notebook.JupyterWire.Zmq;

namespace Notebook.Agent.Processes;

/// <summary>Makes kernel processes of one kernelspec.</summary>
internal interface IProcessFactory
{
    /// <summary>Makes one; it waits for its assignment.</summary>
    /// <exception cref="ProcessStartException">It cannot be made; one line says why.</exception>
    Task<KernelProcess> MakeAsync(CancellationToken cancel);
}

/// <summary>Makes them by forking; starts the fork server on first use, and again when it has died.</summary>
internal sealed class ProcessFactory(
    LaunchableSpec spec, RunFolder folder, ZmqContext zmq, TimeProvider time, ILoggerFactory logs) : IProcessFactory, IAsyncDisposable
{
    private static int s_lastId;
    private readonly SemaphoreSlim _starting = new(1);
    private Zygote? _zygote;

    /// <inheritdoc/>
    public async Task<KernelProcess> MakeAsync(CancellationToken cancel)
    {
        var zygote = await ZygoteAsync(cancel);
        var id = NewId();
        MemorySocket? memory = null;
        try
        {
            var (connection, file) = folder.NewConnection(id, spec.Name);
            memory = MemorySocket.Listen(RunFolder.MemoryPath(connection));
            var child = await zygote.ForkAsync(id, file, cancel);
            var process = await KernelProcess.ConnectAsync(child, connection, zmq, time, logs.CreateLogger<KernelProcess>(), cancel, memory: Interlocked.Exchange(ref memory, null));
            _ = process.Ended.ContinueWith(_ => folder.Clean(id), TaskScheduler.Default);
            return process;
        }
        catch (Exception e)
        {
            memory?.Dispose();
            folder.Clean(id);
            if (e is ZmqException or IOException or SocketException) throw new ProcessStartException($"a kernel process cannot be connected: {e.Message}");
            throw;
        }
    }

    /// <summary>Has the fork server start another program.</summary>
    /// <exception cref="ProcessStartException">There is no fork server.</exception>
    public async Task<ZygoteChild> StartProgramAsync(
        string id, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string directory, CancellationToken cancel) =>
        await (await ZygoteAsync(cancel)).ExecuteAsync(id, arguments, environment, directory, cancel);

    /// <summary>A new process's name.</summary>
    internal static string NewId() => $"{Interlocked.Increment(ref s_lastId)}";

    /// <summary>Ends the fork server, and with it every process that it made.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_zygote is not null) await _zygote.DisposeAsync();
        _starting.Dispose();
    }

    private async Task<Zygote> ZygoteAsync(CancellationToken cancel)
    {
        await _starting.WaitAsync(cancel);
        try
        {
            if (_zygote is { IsAlive: true }) return _zygote;
            if (_zygote is not null) await _zygote.DisposeAsync();
            _zygote = null;
            return _zygote = await Zygote.StartAsync(spec, time, logs.CreateLogger<Zygote>(), cancel);
        }
        finally
        {
            _starting.Release();
        }
    }
}
