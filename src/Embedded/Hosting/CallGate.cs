using System.Diagnostics.CodeAnalysis;

namespace Notebook.Embedded.Hosting;

/// <summary>What the gate says to a request.</summary>
internal enum Admission
{
    /// <summary>Run it now; it counts as running.</summary>
    Run,

    /// <summary>It waits in the gate.</summary>
    Wait,

    /// <summary>Too many wait already.</summary>
    Full,
}

/// <summary>
/// Decides which requests of one activation run, and which wait. A request that blocks runs alone, but for those that
/// may interleave with it. No clock, no lock, no IO: the activation calls it under its own lock.
/// </summary>
/// <param name="capacity">How many may wait.</param>
/// <param name="reentrant">Whether all requests interleave.</param>
/// <param name="mayInterleave">Whether a request of this grain class interleaves; null when none does by that.</param>
internal sealed class CallGate(int capacity, bool reentrant, Func<Request, bool>? mayInterleave)
{
    private readonly LinkedList<Request> _waiting = new();
    private readonly List<Request> _blocking = [];
    private Dictionary<Guid, int>? _chains;
    private int _waitingOvertakers;
    private bool _open;

    /// <summary>How many run.</summary>
    public int Running { get; private set; }

    /// <summary>How many wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Lets requests through; before this, all wait.</summary>
    public void Open() => _open = true;

    /// <summary>
    /// Lets no more through, but those that interleave with a request that blocks and still runs: whoever that one waits for may
    /// be waiting for them, and neither would come to its end.
    /// </summary>
    public void Close() => _open = false;

    public Admission Offer(Request request)
    {
        // An interleaving request overtakes those that wait; any other takes its place behind them.
        if (_open ? (_waiting.Count == 0 || Overtakes(request)) && MayRun(request) : _blocking.Count > 0 && Overtakes(request))
        {
            Start(request);
            return Admission.Run;
        }

        if (_waiting.Count >= capacity) return Admission.Full;
        _waiting.AddLast(request);
        if (Overtakes(request)) _waitingOvertakers++;
        return Admission.Wait;
    }

    /// <summary>The next waiting request that may run now; it counts as running.</summary>
    public bool TryNext([NotNullWhen(true)] out Request? next)
    {
        next = null;
        for (var node = _open ? _waiting.First : null; node is not null; node = node.Next)
        {
            if (MayRun(node.Value))
            {
                next = node.Value;
                Remove(node);
                Start(next);
                return true;
            }

            // Behind a blocked head only overtakers can go on, and usually there are none.
            if (_waitingOvertakers == 0) return false;
        }

        return false;
    }

    public void Ended(Request request)
    {
        Running--;
        if (!Mixes(request)) _blocking.Remove(request);
    }

    /// <summary>Takes out everything that waits.</summary>
    public List<Request> Drain()
    {
        List<Request> all = [.. _waiting];
        _waiting.Clear();
        _waitingOvertakers = 0;
        return all;
    }

    /// <summary>Lets requests of this call chain in, until it is left as often as it was entered.</summary>
    public void EnterChain(Guid chain)
    {
        _chains ??= [];
        _chains[chain] = _chains.GetValueOrDefault(chain) + 1;
    }

    public void LeaveChain(Guid chain)
    {
        if (_chains is null || !_chains.TryGetValue(chain, out var depth)) return;
        if (depth > 1) _chains[chain] = depth - 1;
        else _chains.Remove(chain);
    }

    private bool Mixes(Request request) => reentrant || request.AlwaysInterleaves;

    private bool Overtakes(Request request) =>
        Mixes(request)
        || mayInterleave?.Invoke(request) == true
        || (_chains is not null && request.Chain is var chain && chain != Guid.Empty && _chains.ContainsKey(chain));

    private bool MayRun(Request request) =>
        _blocking.Count == 0
        || Overtakes(request)
        || (request.ReadsOnly && _blocking.TrueForAll(b => b.ReadsOnly))
        || (mayInterleave is not null && _blocking.TrueForAll(b => mayInterleave(b)));

    private void Start(Request request)
    {
        Running++;
        if (!Mixes(request)) _blocking.Add(request);
    }

    private void Remove(LinkedListNode<Request> node)
    {
        _waiting.Remove(node);
        if (_waiting.Count == 0) _waitingOvertakers = 0;
        else if (_waitingOvertakers > 0 && Overtakes(node.Value)) _waitingOvertakers--;
    }
}
