using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Runtime;

/// <summary>
/// All Raft groups of one agent. There is no thread of its own but the log writer's: a member is worked on by whichever
/// thread brings something for it, so that a lone commit waits for no thread that is not needed. A caller proposes, hands
/// the write to the log writer and sends to the peers; while the disk syncs, the peers' answers come in on the socket's
/// thread; whoever brings the last missing piece (sync or answer) applies the entry and completes the proposal.
/// <para>
/// Locks, in the order in which they are taken: a group's, then its log's (in the store), the peers' outboxes' and the
/// host's set of awake groups, which are leaves. No lock is held while the transport, a state machine or a completion
/// runs, and each thread first sends, then applies, then completes. What awaits an outcome may go on right on the thread
/// that learnt of it and must not block there; only from the log writer's thread it goes to the thread pool, since all
/// groups wait for that one.
/// </para>
/// </summary>
public sealed partial class RaftHost : IAsyncDisposable
{
    private readonly LogStore _store;
    private readonly IPeerTransport _transport;
    private readonly Random _random;
    private readonly ILogger? _logger;
    private readonly ConcurrentDictionary<GroupId, RaftGroup> _groups = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Begins, without groups.</summary>
    /// <param name="store">The agent's store; the host writes to it until it is disposed, and does not dispose it.</param>
    /// <param name="transport">Carries frames to the other agents.</param>
    /// <param name="time">Drives the ticks.</param>
    /// <param name="options">The measures.</param>
    /// <param name="seed">Where election timeouts come from; another on each agent.</param>
    /// <param name="logger">Hears of faults.</param>
    public RaftHost(
        LogStore store, IPeerTransport transport, TimeProvider time, RaftHostOptions options, int seed, ILogger? logger = null)
    {
        options.Validate();
        (_store, _transport, Options, _logger, _random) = (store, transport, options, logger, new SharedRandom(seed));
        _timer = time.CreateTimer(static host => ((RaftHost)host!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Writer = new LogWriter(store, time, options.Writer, FinishDurable, SayDiskIsSlow);
        Writer.Completion.ContinueWith(
            ended => EndAll(ended.Exception?.InnerException), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Ends when the host was disposed; fails when the disk failed or a state machine threw: then the process should end.</summary>
    public Task Completion => _completion.Task;

    /// <summary>All open groups.</summary>
    public IEnumerable<RaftGroup> Groups => _groups.Select(pair => pair.Value);

    /// <summary>What it has seen.</summary>
    public HostCounters Counters => Counts.Read();

    /// <summary>Why the log takes no writes at the moment; null when it does.</summary>
    public WriteOutcome.DiskFull? Full => Writer.Full;

    internal RaftHostOptions Options { get; }

    internal HostCounts Counts { get; } = new();

    internal LogWriter Writer { get; }

    /// <summary>
    /// Opens a group. One that the store holds goes on from its log: the state machine gets the snapshot and what is known
    /// to be committed behind it before this returns. Else a founding member begins with the given membership, and a later
    /// one, for whom it is null, waits as a learner for the leader to find it.
    /// </summary>
    /// <param name="id">The group.</param>
    /// <param name="self">This agent's member.</param>
    /// <param name="serverOf">Says on which server a member lives; null when it is not known. Quick, and calls nothing of the host.</param>
    /// <param name="machine">What the entries are applied to; new.</param>
    /// <param name="founding">The group's first members, the same at each of them.</param>
    public OpenOutcome Open(
        GroupId id, MemberId self, Func<MemberId, string?> serverOf, IStateMachine machine, Membership? founding = null)
    {
        if (_completion.Task.IsCompleted) return new OpenOutcome.Ended();
        if (_groups.TryGetValue(id, out var open)) return new OpenOutcome.AlreadyOpen(open);
        if (_groups.Count >= Options.MaxGroups) return new OpenOutcome.TooMany(Options.MaxGroups);
        var log = _store.Group(id);
        if (log.Damage is { } damage) return new OpenOutcome.Damaged(damage);
        if (founding is not null && log is { HardState.Term: 0, Snapshot: null }
            && Writer.Submit(GroupFounding.Write(id, founding), static () => { }) is var taken and not SubmitOutcome.Accepted)
            return new OpenOutcome.Refused(taken);   // it need not be on disk yet: whatever is promised later is written after it

        RaftGroup group;
        try
        {
            group = new RaftGroup(this, id, self, serverOf, machine, log, _random);
            if (!_groups.TryAdd(id, group)) return new OpenOutcome.AlreadyOpen(_groups[id]);
            group.Start();
        }
        catch (LogCorruptedException found)
        {
            GroupDamaged(id, found);
            if (_groups.TryRemove(id, out var begun)) _ = begun.End(found.Message);
            return new OpenOutcome.Damaged(new GroupDamage(id, 0, 0, false, true, false, found.Message));
        }

        if (_completion.Task.IsCompleted) group.End("the host has ended");
        return new OpenOutcome.Opened(group);
    }

    /// <summary>An open group; null when there is none of that id.</summary>
    public RaftGroup? Find(GroupId id) => _groups.GetValueOrDefault(id);

    /// <summary>
    /// Closes a group: it takes part no more. Its log stays; it may be opened again once this is done, which is when its
    /// writes are on disk.
    /// </summary>
    public async ValueTask CloseAsync(GroupId id)
    {
        if (!_groups.TryGetValue(id, out var group)) return;
        await group.End("the group was closed");
        _groups.TryRemove(new(id, group));
    }

    /// <summary>
    /// Closes a group and deletes its log. Only for a member that the group has removed, or when the whole group goes: a
    /// member must not forget what it promised.
    /// </summary>
    /// <returns>Whether the log writer took it; if so, the log is gone from the disk.</returns>
    public async ValueTask<SubmitOutcome> RemoveAsync(GroupId id)
    {
        await CloseAsync(id);
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var outcome = Writer.Remove(id, durable.SetResult);
        if (outcome is SubmitOutcome.Accepted) await Task.WhenAny(durable.Task, Writer.Completion);
        return outcome;
    }

    /// <summary>
    /// The link to an agent came up. There is nothing to do for the groups: a leader whose peer has not answered does not rest, so
    /// that its next heartbeat finds it.
    /// </summary>
    /// <param name="server">The agent's server.</param>
    public void PeerUp(string server)
    {
        if (_logger is { } logger) LogPeerUp(logger, server);
    }

    /// <summary>
    /// The link to an agent broke. Groups that were led from there elect another leader without waiting for the lease of the
    /// lost one to end.
    /// </summary>
    /// <param name="server">The agent's server.</param>
    public void PeerDown(string server)
    {
        if (_logger is { } logger) LogPeerDown(logger, server);
        foreach (var (_, group) in _groups) group.PeerDown(server);
        Flush();
        foreach (var (_, group) in _groups) group.Drain();
    }

    /// <summary>Closes all groups and ends; what was accepted before is written, as far as the disk has room.</summary>
    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await _completion.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _timer.DisposeAsync();
    }

    /// <summary>Something is not as it must be: nothing more can be promised here.</summary>
    internal bool Fail(Exception failure)
    {
        EndAll(failure);
        return false;
    }

    private void EndAll(Exception? failure)
    {
        if (failure is null) _completion.TrySetResult();
        else if (_completion.TrySetException(failure) && _logger is { } logger) LogFailed(logger, failure);
        foreach (var (_, group) in _groups) _ = group.End(failure is null ? "the host has ended" : $"the host has failed: {failure.Message}");
    }
}
