using System.Net.WebSockets;

namespace Notebook.Links;

/// <summary>Makes links to listeners.</summary>
/// <param name="self">Who we are.</param>
/// <param name="key">The cluster key.</param>
/// <param name="time">For the time limit and the back-off.</param>
public sealed class LinkDialer(PeerIdentity self, ClusterKey key, TimeProvider time)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_lastDelay = TimeSpan.FromSeconds(2);

    /// <summary>Dials once.</summary>
    /// <param name="address">Where the peer listens, such as <c>ws://127.0.0.1:9000/</c>.</param>
    /// <param name="purpose">One of <see cref="LinkPurpose"/>.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="LinkRefusedException">Key, version or purpose do not fit.</exception>
    /// <exception cref="LinkException">Nobody answers, or not in our protocol.</exception>
    public async Task<Link> DialAsync(Uri address, string purpose, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(Handshake.TimeLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = LinkListener.KeepAliveInterval;
        socket.Options.KeepAliveTimeout = LinkListener.KeepAliveTimeout;
        try
        {
            await socket.ConnectAsync(new Uri(address, LinkListener.Path), both.Token);
            var peer = await Handshake.DialAsync(socket, self, purpose, key, address.ToString(), both.Token);
            return new Link(socket, peer, purpose);
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw e switch
            {
                LinkException => e,
                OperationCanceledException when cancel.IsCancellationRequested => e,
                OperationCanceledException => new LinkException($"{address} did not answer in {Handshake.TimeLimit.TotalSeconds:0} s"),
                WebSocketException or IOException or HttpRequestException => new LinkException($"cannot reach {address}: {e.Message}", e),
                _ => new LinkException($"cannot reach {address}: {e.Message}", e),
            };
        }
    }

    /// <summary>
    /// Dials the addresses in turn until one answers, with a growing delay from 50 ms to 2 s between rounds.
    /// </summary>
    /// <param name="addresses">Where the peers listen, at least one.</param>
    /// <param name="purpose">One of <see cref="LinkPurpose"/>.</param>
    /// <param name="failed">Told of each failed round, for the log.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="LinkRefusedException">A peer refused us; trying again would not help.</exception>
    public async Task<Link> DialUntilConnectedAsync(
        IReadOnlyList<Uri> addresses, string purpose, Action<string> failed, CancellationToken cancel)
    {
        for (var delay = s_firstDelay; ; delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, s_lastDelay.Ticks)))
        {
            foreach (var address in addresses)
            {
                try
                {
                    return await DialAsync(address, purpose, cancel);
                }
                catch (LinkException e) when (e is not LinkRefusedException)
                {
                    failed(e.Message);
                }
            }

            await Task.Delay(delay, time, cancel);
        }
    }
}
