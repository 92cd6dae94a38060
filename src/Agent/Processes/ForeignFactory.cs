using Notebook.Agent.Kernels;
using Notebook.JupyterWire.Zmq;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Processes;

/// <summary>
/// Makes processes of a kernelspec that is not ours, as Jupyter does: its arguments with a connection file, its environment,
/// the kernel's directory. Each is made for its kernel, so none waits in a pool. A fork server starts it and watches it, and
/// ends it with the agent.
/// </summary>
internal sealed class ForeignFactory(LaunchableSpec spec, ProcessFactory host, RunFolder folder, ZmqContext zmq, TimeProvider time, ILogger log)
{
    private readonly ForeignLaunch _launch = spec.Foreign ?? throw new ArgumentException($"'{spec.Name}' is a kernel of ours", nameof(spec));

    /// <summary>Makes the process of a replica.</summary>
    /// <exception cref="ProcessStartException">It cannot be made; one line says why.</exception>
    public async Task<KernelProcess> MakeAsync(StartReplica order, CancellationToken cancel)
    {
        var id = ProcessFactory.NewId();
        try
        {
            var (connection, file) = folder.NewTcpConnection(id, spec.Name);
            string[] arguments = [.. _launch.Arguments.Select(argument => argument.Replace("{connection_file}", file, StringComparison.Ordinal))];
            var environment = spec.Environment.SetItems(order.Environment);
            var child = await host.StartProgramAsync(id, arguments, environment, order.WorkingDirectory, cancel);
            var process = await KernelProcess.ConnectAsync(child, connection, zmq, time, log, cancel, new(_launch.InterruptsByMessage));
            _ = process.Ended.ContinueWith(_ => folder.Clean(id), TaskScheduler.Default);
            return process;
        }
        catch (Exception e)
        {
            folder.Clean(id);
            if (e is ZmqException or IOException or System.Net.Sockets.SocketException)
                throw new ProcessStartException($"a kernel process of '{spec.Name}' cannot be connected: {e.Message}");
            throw;
        }
    }
}
