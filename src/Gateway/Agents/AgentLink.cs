using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Gateway.Agents;

/// <summary>
/// The one data link to one agent, shared by all kernels that have their executor there. Dialled for as long as
/// somebody receives; after a break every receiver is attached again from where it stopped.
/// </summary>
internal sealed partial class AgentLink(Uri address, LinkDialer dialer, GatewayCounters counters, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan s_idleFor = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IReplicaReceiver> _receivers = [];
    private readonly CancellationTokenSource _stop = new();
    private volatile Link? _link;
    private bool _running;

    public Uri Address => address;

    /// <summary>Has the agent send what the receiver has not got yet; again for the same receiver asks anew.</summary>
    public void Attach(IReplicaReceiver receiver)
    {
        lock (_gate)
        {
            _receivers[receiver.Replica] = receiver;
            _link?.TrySend(AttachOf(receiver));
            if (_running) return;
            _running = true;
        }

        _ = Task.Run(RunAsync);
    }

    public void Detach(IReplicaReceiver receiver)
    {
        lock (_gate)
        {
            if (_receivers.GetValueOrDefault(receiver.Replica) != receiver) return;
            _receivers.Remove(receiver.Replica);
            _link?.TrySend(new GatewayToAgent { Detach = new Detach { Replica = receiver.Replica } });
        }
    }

    /// <summary>False when the link is down or the agent does not keep up: nothing was sent.</summary>
    public bool TrySend(GatewayToAgent message) => _link?.TrySend(message) ?? false;

    /// <summary>Sends, and waits while the agent does not keep up.</summary>
    /// <returns>False when the link is down.</returns>
    public async Task<bool> SendAsync(GatewayToAgent message, CancellationToken cancel)
    {
        if (_link is not { } link) return false;
        try
        {
            await link.SendAsync(message, cancel);
            return true;
        }
        catch (LinkException)
        {
            return false;
        }
    }

    /// <summary>Ends the link, for the end of this gateway.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _link?.Break("this gateway is stopping");
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await using var link = await ConnectAsync();
                IReplicaReceiver[] receivers;
                lock (_gate)
                {
                    _link = link;
                    receivers = [.. _receivers.Values];
                    foreach (var receiver in receivers) link.TrySend(AttachOf(receiver));
                }

                using (var idle = time.CreateTimer(_ => BreakWhenIdle(link), null, s_idleFor, s_idleFor))
                    await foreach (var (message, arrival) in link.ReadArrivingAsync(AgentToGateway.Parser, MayBeEarly, _stop.Token)) Dispatch(message, arrival);

                // Whoever broke the link may hold locks of its own: receivers hear of it on a thread of ours.
                await Task.Yield();
                lock (_gate)
                {
                    _link = null;
                    receivers = [.. _receivers.Values];
                    if (receivers.Length == 0)
                    {
                        _running = false;
                        return;
                    }
                }

                LogLost(address, await link.Closed);
                foreach (var receiver in receivers) receiver.LinkLost();
                counters.Add(GatewayCounters.AgentLinkFailures);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    // An agent that refuses us is being restarted with another key or version, or is somebody else's by now: the
    // grains will say when the replica is elsewhere. So this goes on, slowly.
    private async Task<Link> ConnectAsync()
    {
        for (var delay = s_firstRetry; ; delay = delay * 2 < s_lastRetry ? delay * 2 : s_lastRetry)
        {
            try
            {
                return await dialer.DialAsync(address, LinkPurpose.Data, _stop.Token);
            }
            catch (LinkException e)
            {
                LogUnreachable(address, e.Message);
            }

            await Task.Delay(delay, time, _stop.Token);
        }
    }

    // What else an agent says may change what the gateway knows of the kernel.
    private static bool MayBeEarly(AgentToGateway message) => message.Output?.Message?.Channel == Channel.Iopub;

    private void Dispatch(AgentToGateway message, PartsArrival? arrival)
    {
        IReplicaReceiver? receiver;
        lock (_gate) receiver = _receivers.GetValueOrDefault(message.Replica);
        if (receiver is null) return;   // detached while this was on its way: the agent keeps it
        switch (message.BodyCase)
        {
            case AgentToGateway.BodyOneofCase.Output:
                receiver.Received(message.Output, arrival);
                break;
            case AgentToGateway.BodyOneofCase.Attached:
                receiver.Attached(message.Attached.Next, message.Attached.Dropped);
                break;
            case AgentToGateway.BodyOneofCase.NotHere:
                receiver.NotHere(message.NotHere.Reason);
                break;
        }
    }

    private void BreakWhenIdle(Link link)
    {
        lock (_gate)
        {
            if (_receivers.Count > 0) return;
        }

        link.Break("no kernel needs it");
    }

    private static GatewayToAgent AttachOf(IReplicaReceiver receiver) =>
        new() { Attach = new Attach { Replica = receiver.Replica, After = receiver.After } };

    [LoggerMessage(EventId = 5101, Level = LogLevel.Warning, Message = "The link to the agent at {Address} is gone: {Reason}")]
    private partial void LogLost(Uri address, string reason);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Information, Message = "No link to the agent at {Address}: {Reason}")]
    private partial void LogUnreachable(Uri address, string reason);
}
