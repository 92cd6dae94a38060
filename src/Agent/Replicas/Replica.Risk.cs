using System.Collections.Immutable;
using Notebook.Agent.Chunks;
using Notebook.Agent.State;
using Notebook.Links.Protocol;
using Notebook.Objects;

namespace Notebook.Agent.Replicas;

/// <content>
/// What of the kernel's state is on this server alone, as far as the replica that leads knows: large values on their way
/// to a majority, and values that cannot be copied at all. The silo is told when there comes to be such, and when it ends.
/// </content>
internal sealed partial class Replica
{
    private const int MaxNamesTold = 100;
    private const int MaxNameLength = 200;
    private const long StateStep = 16L << 20;   // so that not each cell is news to the silo
    private readonly UnconfirmedChunks _unconfirmed = new();
    private ImmutableArray<string> _uncopied = [];   // "name: reason"
    private ImmutableHashSet<string> _offeredTo = [];   // servers that were offered all of the kernel's large values
    private ImmutableArray<ChunkRef> _offering = [];      // of the change that is being committed: no log names them yet
    private bool _leads;
    private bool _isSummaryWanted;                        // another server is out of room, and the log names what it lacks

    /// <summary>A peer has stored chunks.</summary>
    public void ChunksConfirmed()
    {
        lock (_lock)
        {
            _chunksWaited?.TrySetResult();
            if (_unconfirmed.Bytes == 0) return;
            _unconfirmed.Confirm(chunk => IsWithMajority(chunk, offered: null));
            if (_unconfirmed.Bytes == 0) Tell_NeedsLock();
        }
    }

    /// <summary>The kernel's replicas are elsewhere now: those that are new need its large values.</summary>
    public void PeersChanged()
    {
        bool leads;
        KernelLog? state;
        lock (_lock) (leads, state) = (_leads, _state);
        if (leads) OfferAll();
        else if (state is not null) _ = KeepMembersAsync(state);
    }

    /// <summary>
    /// A server has no room for what it is offered. A deleted value may be what fills it: its replica of this kernel cannot say
    /// so while its process waits for what finds no room. So this one does, for all of them.
    /// </summary>
    public void PeerShort(string server)
    {
        lock (_lock)
        {
            if (!_leads || _state is not { CouldLetGo: true } state || !OtherServers().Contains(server)) return;
            if (state.Chunks().All(chunk => services.Logs.Chunks.IsConfirmed(server, chunk))) return;
            _isSummaryWanted = true;
            GiveSnapshot_NeedsLock();   // else when the cell that runs has ended
            Rest_NeedsLock();
        }
    }

    /// <summary>The log names some large values no more: nobody waits until other servers have them.</summary>
    private void ForgetDropped(KernelLog state, IReadOnlySet<ChunkRef> dropped)
    {
        lock (_lock)
        {
            if (_state != state || _unconfirmed.Bytes == 0) return;
            _unconfirmed.Drop(dropped.Except(_offering).ToHashSet());
            _unconfirmed.Confirm(chunk => IsWithMajority(chunk, offered: null));   // what stood behind them
            Tell_NeedsLock();
        }
    }

    /// <summary>A change's large values, before it is committed: from here on they are at risk until a majority has them.</summary>
    /// <returns>The servers that they were offered to.</returns>
    private HashSet<string> OfferNew(ImmutableArray<ChunkRef> chunks)
    {
        if (chunks.IsEmpty) return [];
        HashSet<string> offered = [.. services.Logs.Chunks.Offer(OtherServers(), chunks)];
        lock (_lock)
        {
            _offering = chunks;
            _unconfirmed.Add(chunks);
            _unconfirmed.Confirm(chunk => IsWithMajority(chunk, offered: null));
            if (_unconfirmed.Bytes > 0) Tell_NeedsLock();
        }

        return offered;
    }

    private void Offered()
    {
        lock (_lock) _offering = [];
    }

    /// <summary>Who leads answers for all of the kernel's large values: what the others have already they say at once.</summary>
    private void OfferAll()
    {
        if (_state is not { } state) return;
        ChunkRef[] held = [.. state.Chunks().Where(services.Logs.Chunks.Holds)];
        var others = OtherServers();
        services.Logs.Chunks.Offer(others, held);
        lock (_lock)
        {
            if (_state != state || !state.IsLeader) return;
            (_leads, _offeredTo) = (true, [.. others]);
            _unconfirmed.Clear();
            _unconfirmed.Add(held);
            _unconfirmed.Confirm(chunk => IsWithMajority(chunk, offered: null));
            Tell_NeedsLock();
        }

        _ = KeepMembersAsync(state);
    }

    private void FollowLead_NeedsLock(KernelLog state)
    {
        if (state.IsLeader == _leads) return;
        _leads = !_leads;
        if (_leads) _ = Task.Run(OfferAll);   // not on Raft's thread
        else ForgetRisk_NeedsLock();
    }

    private void ForgetRisk_NeedsLock()
    {
        (_leads, _offeredTo, _isSummaryWanted, _isAlone) = (false, [], false, false);
        if (_state is not { IsExecutorHere: true }) _uncopied = [];   // else its process still has them
        _unconfirmed.Clear();
        Tell_NeedsLock();
    }

    private void TakeUncopied_NeedsLock(StateMessage message) =>
        _uncopied = [.. message.Lost.Take(MaxNamesTold).Select(lost => Short($"{lost.Key}: {lost.Value}"))];

    private void ReportRisk_NeedsLock(ReplicaReport report)
    {
        report.StateBytes = (_state?.LargeBytes ?? 0) / StateStep * StateStep;
        if (!_leads) return;
        report.UnconfirmedBytes = _unconfirmed.Bytes;
        report.Unreplicated.Add(_uncopied);
    }

    /// <param name="chunk">The chunk.</param>
    /// <param name="offered">The servers that count, since it was offered to them; null for all.</param>
    private bool IsWithMajority(ChunkRef chunk, HashSet<string>? offered)
    {
        var others = services.Peers.Of(id).Where(peer => peer.Standing != PeerStanding.PeerJoins && peer.Server != services.Server).Select(peer => peer.Server).ToArray();
        var holders = (services.Logs.Chunks.Holds(chunk) ? 1 : 0)
            + others.Count(server =>
                offered?.Contains(server) != false && _offeredTo.Contains(server) && services.Logs.Chunks.IsConfirmed(server, chunk));
        return 2 * holders > others.Length + 1;
    }

    private static string Short(string text) => text.Length <= MaxNameLength ? text : text[..MaxNameLength];
}
