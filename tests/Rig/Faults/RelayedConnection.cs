using System.Net.Sockets;

namespace Notebook.Rig.Faults;

/// <summary>
/// One connection through a relay. That one side has closed it is news that travels by wire, too: while that is blocked
/// the other does not hear of it.
/// </summary>
internal sealed class RelayedConnection(FaultyNetwork network, Socket near, string listener, string? dialler) : IDisposable
{
    private const int BufferSize = 64 << 10;
    private readonly Socket _far = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _dialler = dialler;

    public Task Ended => _ended.Task;

    public bool IsBetween(string one, string other) =>
        _dialler is { } known && ((known == one && listener == other) || (known == other && listener == one));

    /// <summary>Both sides find the connection broken at once.</summary>
    public void Reset()
    {
        foreach (var socket in (Socket[])[near, _far]) socket.Close(0);
    }

    public void Dispose() => Reset();

    public async Task RunAsync(Uri target, CancellationToken stop)
    {
        try
        {
            near.NoDelay = true;
            await _far.ConnectAsync(target.Host, target.Port, stop);
            await Task.WhenAll(ThereAsync(stop), BackAsync(stop));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException or IOException)
        {
            // Nobody listens there now, or it is no link of ours: the dialler finds its connection broken.
        }
        finally
        {
            Reset();
            _ended.SetResult();
        }
    }

    private Task ThereAsync(CancellationToken stop)
    {
        var hello = new HelloReader();
        return PumpAsync(near, _far, bytes => _dialler ??= hello.Feed(bytes), () => (_dialler ?? "", listener), stop);
    }

    private Task BackAsync(CancellationToken stop) => PumpAsync(_far, near, _ => { }, () => (listener, _dialler ?? ""), stop);

    private delegate void Look(ReadOnlySpan<byte> bytes);

    private async Task PumpAsync(Socket from, Socket to, Look look, Func<(string From, string To)> way, CancellationToken stop)
    {
        var buffer = new byte[BufferSize];
        while (true)
        {
            var count = await ReadAsync(from, buffer, stop);
            if (count > 0) look(buffer.AsSpan(0, count));
            var (one, other) = way();
            if (one.Length > 0 && other.Length > 0) await network.Wire(one, other).PassAsync(stop);   // else the HTTP request, from who knows whom
            if (count == 0)
            {
                to.Close();
                return;
            }

            try
            {
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None, stop);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;   // it is gone, which the other direction will say
            }
        }
    }

    private static async Task<int> ReadAsync(Socket from, byte[] buffer, CancellationToken stop)
    {
        try
        {
            return await from.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, stop);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
