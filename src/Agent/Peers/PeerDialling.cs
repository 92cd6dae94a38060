using Notebook.Links;

namespace Notebook.Agent.Peers;

/// <summary>Keeps the link to one agent at one address up, by dialling again and again, until told to stop.</summary>
internal sealed partial class PeerDialling
{
    /// <summary>Before the second attempt; doubles with each that fails.</summary>
    public static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>Between two attempts at most. A link that lived as long was a good one: the next delay is the first again.</summary>
    public static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(1);

    /// <summary>For one attempt. A lost packet is sent again after 1 s, so this leaves time for one.</summary>
    public static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(2);

    private readonly PeerIdentity _wanted;
    private readonly IPeerDialer _dialer;
    private readonly Func<Link, CancellationToken, Task> _serve;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop;
    private string _lastFailure = "";

    public PeerDialling(
        PeerIdentity self, string server, Uri address, IPeerDialer dialer, Func<Link, CancellationToken, Task> serve,
        TimeProvider time, ILogger log, CancellationToken stop)
    {
        _wanted = self with { Id = server };
        (Address, _dialer, _serve, _time, _log) = (address, dialer, serve, time, log);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var token = _stop.Token;
        Ended = Task.Run(() => RunAsync(token), CancellationToken.None);
        EndProcessIfFaulted(Ended);
    }

    public Uri Address { get; }

    /// <summary>Completes when the last link is gone.</summary>
    public Task Ended { get; }

    public void Stop() => _ = _stop.CancelAsync();

    /// <summary>Whatever it throws is a broken invariant; thrown here, it ends the process, as it should.</summary>
    private static async void EndProcessIfFaulted(Task run) => await run;

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            var delay = FirstDelay;
            while (true)
            {
                var since = _time.GetTimestamp();
                var wasUp = await DialAndServeAsync(stop);
                if (wasUp && _time.GetElapsedTime(since) >= LastDelay) delay = FirstDelay;
                await Task.Delay(delay, _time, stop);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, LastDelay.Ticks));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        _stop.Dispose();
    }

    /// <returns>Whether there was a link.</returns>
    private async Task<bool> DialAndServeAsync(CancellationToken stop)
    {
        if (await TryDialAsync(stop) is not { } link) return false;
        await using var _ = link;
        if (link.Peer != _wanted)
        {
            Failed($"{link.Peer} is there");
            return false;
        }

        _lastFailure = "";
        await _serve(link, stop);
        return true;
    }

    private async Task<Link?> TryDialAsync(CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(AttemptLimit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            return await _dialer.DialAsync(_wanted.Id, Address, both.Token);
        }
        catch (LinkException e)
        {
            Failed(e.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            Failed($"no answer in {AttemptLimit.TotalSeconds:0} s");
        }

        return null;
    }

    private void Failed(string reason)
    {
        if (reason == _lastFailure) return;   // said once: it is tried every second
        _lastFailure = reason;
        LogFailed(_wanted, Address, reason);
    }

    [LoggerMessage(EventId = 3063, Level = LogLevel.Warning, Message = "No link with {Peer} at {Address} yet: {Reason}")]
    private partial void LogFailed(PeerIdentity peer, Uri address, string reason);
}
