using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>
/// One activation of a grain. Requests come in from any thread; the gate decides which run; each runs on the
/// activation's turn queue, so that the grain's code is never on two threads at once. See Activation.Lifecycle.cs for
/// how it begins and ends.
/// </summary>
internal sealed partial class Activation : IGrainContext, ICallChainReentrant
{
    private readonly Lock _lock = new();
    private readonly CallGate _gate;
    private AsyncServiceScope? _scope;
    private GrainReference? _reference;
    private long _lastUsed;

    public Activation(GrainHost host, GrainClass grainClass, GrainId id)
    {
        (Host, Class, GrainId, Number) = (host, grainClass, id, host.NextActivation());
        _gate = new(host.Options.MaxQueuedCallsPerGrain, grainClass.Reentrant, grainClass.MayInterleave);
        Turns = new(this, host.Scheduler);
        _lastUsed = host.Time.GetTimestamp();
    }

    public GrainHost Host { get; }

    public GrainClass Class { get; }

    public GrainId GrainId { get; }

    /// <summary>Higher than that of any activation made before.</summary>
    public long Number { get; }

    public TurnQueue Turns { get; }

    /// <summary>The grain object; null before it is made.</summary>
    public object? Instance { get; private set; }

    object? IGrainContext.GrainInstance => Instance;

    public GrainReference GrainReference => _reference ??= Host.BareReference(GrainId);

    public IServiceProvider ActivationServices => _scope?.ServiceProvider
        ?? throw new InvalidOperationException($"{GrainId} is not active: its services are there from its constructor to its deactivation");

    public static Activation Of(IGrainBase grain) =>
        grain.GrainContext as Activation
        ?? throw new InvalidOperationException("Grain was created outside of the grain host: its context is not of this host.");

    /// <summary>Takes a request, to run it now or later.</summary>
    /// <returns>False when this activation has ended and a new one must take it.</returns>
    public bool TryReceive(Request request)
    {
        Admission admission;
        lock (_lock)
        {
            if (_phase == ActivationPhase.Ended) return false;
            admission = _gate.Offer(request);
            if (_phase == ActivationPhase.New) BeginActivating_NeedsLock();
        }

        if (admission == Admission.Run) Start(request);
        else if (admission == Admission.Full) Refuse(request);
        return true;
    }

    /// <summary>Called when a request has run, on the activation's turn.</summary>
    public void Ended(Request request)
    {
        lock (_lock)
        {
            _gate.Ended(request);
            if (request.KeepsAlive) _lastUsed = Host.Time.GetTimestamp();
        }

        Pump();
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override string ToString() => GrainId.ToString();

    void ICallChainReentrant.Enter(Guid chain)
    {
        lock (_lock)
        {
            _gate.EnterChain(chain);
        }

        Pump();
    }

    void ICallChainReentrant.Leave(Guid chain)
    {
        lock (_lock)
        {
            _gate.LeaveChain(chain);
        }
    }

    private void Pump()
    {
        while (true)
        {
            Request? next;
            lock (_lock)
            {
                if (!_gate.TryNext(out next))
                {
                    if (_ending is not null && _gate.Running == 0) BeginDeactivating_NeedsLock();
                    return;
                }

                // Its caller has given up: skip it, as if it had run.
                if (next.IsObsolete)
                {
                    _gate.Ended(next);
                    continue;
                }
            }

            Start(next);
        }
    }

    private void Start(Request request) => Turns.Post(RunTurn, new Turn(this, request));

    private static void RunTurn(object? state)
    {
        var (activation, request) = (Turn)state!;
        _ = activation.RunAsync(request);
    }

    private async Task RunAsync(Request request)
    {
        await request.RunAsync(this);
        Ended(request);
    }

    private void Refuse(Request request)
    {
        var overload = new LimitExceededException(
            $"{GrainId} already has {Host.Options.MaxQueuedCallsPerGrain} calls waiting; it takes no more until it has caught up");
        if (request is GrainCall { Method.OneWay: true }) Host.Log.LogWarning("{Call} dropped: {Reason}", request, overload.Message);
        request.Reject(overload);
    }

    private sealed record Turn(Activation Activation, Request Request);
}
