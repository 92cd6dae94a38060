using Google.Protobuf;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Peers;

/// <summary>The live link to one other agent: frames, and a pulse that notices when the other falls silent.</summary>
internal sealed class PeerLink : IDisposable
{
    private static readonly PeerFrame s_ping = new();
    private readonly Link _link;
    private readonly PeerPulse _pulse = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;
    private long _sent;

    public PeerLink(Link link, TimeProvider time)
    {
        _link = link;
        _timer = time.CreateTimer(_ => Tick(), null, PeerPulse.Interval, PeerPulse.Interval);
    }

    public bool IsUp => !_link.Closed.IsCompleted;

    /// <summary>Completes when everybody has been told that the link is gone.</summary>
    public Task Over => _over.Task;

    /// <returns>False when the link is gone or the peer does not keep up: nothing was sent.</returns>
    public bool TrySend(PeerBody body, ReadOnlyMemory<byte> bytes)
    {
        var content = UnsafeByteOperations.UnsafeWrap(bytes);   // copied into the outbox before this returns
        var sent = _link.TrySend(body == PeerBody.Raft ? new PeerFrame { Raft = content } : new PeerFrame { Objects = content });
        if (sent) Interlocked.Increment(ref _sent);
        return sent;
    }

    public void Break(string reason) => _link.Break(reason);

    /// <summary>Hands out what arrives, on the thread that finds it, until the link is gone.</summary>
    /// <returns>Why it is gone.</returns>
    public async Task<string> ReadAsync(Action<PeerBody, ReadOnlyMemory<byte>> received, CancellationToken stop)
    {
        await foreach (var frame in _link.ReadAsync(PeerFrame.Parser, stop))
        {
            if (frame.BodyCase == PeerFrame.BodyOneofCase.Raft) received(PeerBody.Raft, frame.Raft.Memory);
            else if (frame.BodyCase == PeerFrame.BodyOneofCase.Objects) received(PeerBody.Objects, frame.Objects.Memory);
            // else a ping, or of a newer agent
        }

        return await _link.Closed;
    }

    public void Dispose()
    {
        _timer.Dispose();
        _over.TrySetResult();
    }

    private void Tick()
    {
        switch (_pulse.Tick(Volatile.Read(ref _sent), _link.ReceivedBytes))
        {
            case PeerPulseAction.Ping:
                _link.TrySend(s_ping);
                break;
            case PeerPulseAction.Break:
                _link.Break($"{_link.Peer} said nothing for {PeerPulse.Silence.TotalSeconds:0} s");
                break;
            default:
                break;
        }
    }
}
