using Notebook.Gateway.Cluster;
using Notebook.Gateway.Kernels;
using Notebook.JupyterWire;
using Notebook.JupyterWire.Zmq;

namespace Notebook.Gateway.Doors;

/// <summary>What became of the wish for a door.</summary>
internal abstract record DoorOutcome
{
    /// <summary>It is open.</summary>
    public sealed record Open(KernelConnection Connection) : DoorOutcome;

    public sealed record NoSuchKernel : DoorOutcome;

    /// <summary>It cannot be opened here; the reason says why, and what to do.</summary>
    public sealed record Refused(string Reason) : DoorOutcome;
}

/// <summary>The kernels' doors for ZMQ clients, opened on demand, there until the kernel ends, and again after a start of the gateway.</summary>
internal sealed partial class ZmqDoors(
    KernelHubs hubs, OpenPorts ports, ControlPlane control, GatewayOptions options, GatewayCounters counters, TimeProvider time, ILoggerFactory logs)
    : IHostedService, IDisposable
{
    private const int BindTriesMost = 20;
    private static readonly TimeSpan s_bindAgain = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(5);
    private readonly ILogger _log = logs.CreateLogger<ZmqDoors>();
    private readonly DoorFiles _files = new(options.ConnectionsFolder);
    private readonly Dictionary<KernelId, ZmqDoor> _doors = [];
    private readonly SemaphoreSlim _changing = new(1);   // of the doors, their files and libzmq
    private readonly CancellationTokenSource _stopping = new();
    private ZmqContext? _zmq;
    private Task _sweeping = Task.CompletedTask;

    /// <summary>The door of a kernel, opened now unless it is.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="former">The ports and the key that it is to have, of a kernel that has ended; null for fresh ones.</param>
    /// <exception cref="ControlPlaneUnavailableException">The kernel is new here, and the silo does not answer.</exception>
    public async Task<DoorOutcome> OpenAsync(KernelId kernel, KernelConnection? former = null)
    {
        if (await hubs.OpenAsync(kernel) is not { } hub) return new DoorOutcome.NoSuchKernel();
        await _changing.WaitAsync(_stopping.Token);
        try
        {
            if (_doors.TryGetValue(kernel, out var known)) return new DoorOutcome.Open(known.Connection);
            if (_doors.Count >= options.MaxDoors)
                return new DoorOutcome.Refused($"{_doors.Count} kernels have ZMQ ports at this gateway, more may not: shut down kernels that are not used");
            var specName = hub.View.Definition.SpecName;
            var door = former is null
                ? OpenDoor(kernel, KernelConnection.OverTcp(options.ZmqAddress, specName))
                : await OpenFormerAsync(kernel, former with { KernelName = specName });
            _files.Write(kernel, door.Connection);
            LogOpened(kernel, door.Connection.Ip, door.Connection.ShellPort);
            return new DoorOutcome.Open(door.Connection);
        }
        catch (Exception e) when (e is DllNotFoundException or ZmqException or IOException or UnauthorizedAccessException)
        {
            return new DoorOutcome.Refused($"the gateway cannot open ZMQ ports at {options.ZmqAddress}: {e.Message}");
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<KernelConnection?> OpenForAskerAsync(KernelId kernel)
    {
        try
        {
            var outcome = await OpenAsync(kernel);
            if (outcome is DoorOutcome.Refused { Reason: var reason }) LogNotOpened(kernel, reason);
            return (outcome as DoorOutcome.Open)?.Connection;
        }
        catch (Exception e) when (e is ControlPlaneUnavailableException or OperationCanceledException)
        {
            LogNotOpened(kernel, e.Message);
            return null;
        }
    }

    /// <summary>The door of a kernel as it is; null when it has none.</summary>
    public KernelConnection? Find(KernelId kernel)
    {
        lock (_doors) return _doors.GetValueOrDefault(kernel)?.Connection;
    }

    /// <summary>Closes a door for good.</summary>
    /// <returns>False when there is none.</returns>
    public async Task<bool> CloseAsync(KernelId kernel)
    {
        await _changing.WaitAsync(_stopping.Token);
        try
        {
            return await CloseDoorAsync(kernel);
        }
        finally
        {
            _changing.Release();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        ports.Opener = OpenForAskerAsync;
        _sweeping = SweepAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _sweeping;
        ZmqDoor[] doors;
        lock (_doors) doors = [.. _doors.Values];
        var ended = Task.WhenAll(doors.Select(d => d.DisposeAsync().AsTask()));
        await ended.WaitAsync(s_lastWords, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ended.IsCompletedSuccessfully) _zmq?.Dispose();
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _changing.Dispose();
    }

    // The doors of the last gateway, those whose kernels have ended, and those that lost their way to the kernel.
    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(options.SweepEvery, time);
        try
        {
            do
            {
                await ReopenAsync();
                ZmqDoor[] doors;
                lock (_doors) doors = [.. _doors.Values];
                foreach (var door in doors) await LookAfterAsync(door);
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    private async Task ReopenAsync()
    {
        foreach (var (kernel, connection, fault) in _files.All())
        {
            if (Find(kernel) is not null) continue;
            if (connection is null)
            {
                LogUnreadable(kernel, fault!);
                continue;
            }

            await _changing.WaitAsync(_stopping.Token);
            try
            {
                if (Find(kernel) is null) OpenDoor(kernel, connection);
                LogReopened(kernel, connection.Ip, connection.ShellPort);
            }
            catch (Exception e) when (e is DllNotFoundException or ZmqException)
            {
                LogNotReopened(kernel, e.Message);
            }
            finally
            {
                _changing.Release();
            }
        }
    }

    private async Task LookAfterAsync(ZmqDoor door)
    {
        try
        {
            if (await control.CallAsync(g => g.Kernel(door.Kernel).View()) is null) await CloseAsync(door.Kernel);
            else if (door.LacksHub) door.Join();
        }
        catch (ControlPlaneUnavailableException)
        {
            // The next sweep asks again; clients that are there notice nothing.
        }
    }

    private ZmqDoor OpenDoor(KernelId kernel, KernelConnection connection)
    {
        _zmq ??= new ZmqContext();
        var door = new ZmqDoor(kernel, connection, new DoorServices(options, counters, hubs, _zmq, time, logs));
        lock (_doors) _doors.Add(kernel, door);
        ports.Add(kernel, door.Connection);
        return door;
    }

    // The one that has the ports may still be open, until the next sweep finds its kernel gone.
    private async Task<ZmqDoor> OpenFormerAsync(KernelId kernel, KernelConnection former)
    {
        if (former.Ip != options.ZmqAddress) throw new ZmqException("bind", 0, $"ports are not opened at {former.Ip}");
        KernelId? holder;
        lock (_doors) holder = _doors.Values.FirstOrDefault(d => d.Connection.ShellPort == former.ShellPort)?.Kernel;
        if (holder is { } ended && await control.CallAsync(g => g.Kernel(ended).View()) is null) await CloseDoorAsync(ended);

        // libzmq gives a port back some time after its socket was closed.
        for (var tries = 1; ; tries++)
        {
            try
            {
                return OpenDoor(kernel, former);
            }
            catch (ZmqException) when (tries < BindTriesMost)
            {
                await Task.Delay(s_bindAgain, time, _stopping.Token);
            }
        }
    }

    private async Task<bool> CloseDoorAsync(KernelId kernel)
    {
        ZmqDoor? door;
        lock (_doors) _doors.Remove(kernel, out door);
        ports.Remove(kernel);
        _files.Remove(kernel);
        if (door is null) return false;
        await door.DisposeAsync();
        LogClosed(kernel);
        return true;
    }

    [LoggerMessage(EventId = 5411, Level = LogLevel.Information, Message = "Kernel {Kernel}: ZMQ ports are open at {Address}, shell {Port}")]
    private partial void LogOpened(KernelId kernel, string address, int port);

    [LoggerMessage(EventId = 5416, Level = LogLevel.Warning, Message = "Kernel {Kernel}: its ZMQ ports were asked for and cannot be opened: {Reason}")]
    private partial void LogNotOpened(KernelId kernel, string reason);

    [LoggerMessage(EventId = 5412, Level = LogLevel.Information, Message = "Kernel {Kernel}: ZMQ ports are open again at {Address}, shell {Port}")]
    private partial void LogReopened(KernelId kernel, string address, int port);

    [LoggerMessage(EventId = 5413, Level = LogLevel.Information, Message = "Kernel {Kernel}: ZMQ ports are closed")]
    private partial void LogClosed(KernelId kernel);

    [LoggerMessage(EventId = 5414, Level = LogLevel.Error, Message = "Kernel {Kernel}: its ZMQ ports cannot be opened again, and are tried later: {Reason}")]
    private partial void LogNotReopened(KernelId kernel, string reason);

    [LoggerMessage(EventId = 5415, Level = LogLevel.Error, Message = "Kernel {Kernel}: its connection file cannot be read: {Fault}")]
    private partial void LogUnreadable(KernelId kernel, string fault);
}
