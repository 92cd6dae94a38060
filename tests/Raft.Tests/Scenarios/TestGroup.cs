using Notebook.Raft.Messages;
using Notebook.Raft.Tests.Simulation;

namespace Notebook.Raft.Tests.Scenarios;

/// <summary>A group whose messages and disks the test directs: by default all of it works and at once.</summary>
internal sealed class TestGroup
{
    private readonly Dictionary<int, (RaftMember Member, MemoryLog Log)> _members = [];
    private readonly Queue<RaftMessage> _network = new();
    private readonly List<(int Id, Ready Ready)> _unsynced = [];
    private readonly RaftOptions _options;
    private readonly RaftRules _rules;

    public TestGroup(int founders, RaftOptions? options = null, RaftRules? rules = null, params (int Id, long[] Terms)[] logs)
    {
        (_options, _rules) = (options ?? new RaftOptions { RestAfterTicks = 0 }, rules ?? RaftRules.Production);
        var membership = Membership.Of(Enumerable.Range(1, founders).Select(id => new MemberId(id)));
        for (var id = 1; id <= founders; id++)
        {
            var log = new MemoryLog();
            log.Apply(GroupFounding.Write(World.Group, membership));
            foreach (var (_, terms) in logs.Where(given => given.Id == id)) Fill(log, terms);
            Add(id, log);
        }
    }

    /// <summary>Messages that this allows arrive; the others are lost.</summary>
    public Func<RaftMessage, bool> Passes { get; set; } = _ => true;

    /// <summary>Whose disks are slow: they sync when the test says so.</summary>
    public HashSet<int> SlowDisks { get; } = [];

    public List<RaftMessage> Sent { get; } = [];

    public List<(int Id, ReadAnswer Answer)> Reads { get; } = [];

    public List<(int Id, CommittedRange Range)> Applied { get; } = [];

    public RaftMember this[int id] => _members[id].Member;

    public MemoryLog LogOf(int id) => _members[id].Log;

    public int[] TermsOf(int id) =>
        [.. Enumerable.Range((int)LogOf(id).Before.Index + 1, (int)(LogOf(id).Last.Index - LogOf(id).Before.Index)).Select(i => (int)LogOf(id).TermAt(i)!)];

    public void Join(int id) => Add(id, new MemoryLog());

    public void Isolate(params int[] ids) =>
        Passes = message => !ids.Contains(message.From.Value) && !ids.Contains(message.To.Value);

    public void Reconnect() => Passes = _ => true;

    public TestGroup Elect(int id)
    {
        this[id].Campaign();
        Run();
        Assert.Equal(RaftRole.Leader, this[id].Role);
        return this;
    }

    /// <summary>Proposes at a member and lets the group do what follows.</summary>
    public ProposeOutcome Propose(int id, int bytes = 8)
    {
        var outcome = this[id].Propose(new byte[bytes]);
        Run();
        return outcome;
    }

    public ChangeOutcome Change(int id, MembershipChange change)
    {
        var outcome = this[id].ChangeMembership(change);
        Run();
        return outcome;
    }

    public void Tick(int id, int ticks = 1)
    {
        for (; ticks > 0; ticks--)
        {
            this[id].Tick();
            Run();
        }
    }

    public void TickAll(int ticks)
    {
        for (; ticks > 0; ticks--)
            foreach (var id in _members.Keys) Tick(id);
    }

    /// <summary>Everybody does what there is to do, until nobody has anything.</summary>
    public void Run()
    {
        do
        {
            foreach (var id in _members.Keys.ToArray())
                while (this[id].TakeReady() is { } ready) Handle(id, ready);
            if (_network.TryDequeue(out var message) && _members.TryGetValue(message.To.Value, out var to)) to.Member.Step(message);
        }
        while (_network.Count > 0 || _members.Keys.Any(HasMore));
    }

    public void SyncDisk(int id)
    {
        SlowDisks.Remove(id);
        var late = _unsynced.FindAll(waiting => waiting.Id == id);
        _unsynced.RemoveAll(waiting => waiting.Id == id);
        foreach (var (_, ready) in late) Synced(id, ready);
        Run();
    }

    private bool HasMore(int id)
    {
        if (this[id].TakeReady() is not { } ready) return false;
        Handle(id, ready);
        return true;
    }

    private void Handle(int id, Ready ready)
    {
        if (ready.Write is { } write) LogOf(id).Apply(write);
        foreach (var message in ready.Messages) Send(message);
        if (SlowDisks.Contains(id)) _unsynced.Add((id, ready));
        else Synced(id, ready);
        if (ready.Committed is { } range) Applied.Add((id, range));
        Reads.AddRange(ready.Reads.Select(answer => (id, answer)));
    }

    private void Synced(int id, Ready ready)
    {
        this[id].Persisted(ready.WriteNumber);
        foreach (var message in ready.MessagesAfterWrite) Send(message);
    }

    private void Send(RaftMessage message)
    {
        Sent.Add(message);
        if (Passes(message)) _network.Enqueue(message);
    }

    private void Add(int id, MemoryLog log) =>
        _members.Add(id, (new RaftMember(World.Group, new MemberId(id), log, _options, new Random(id), 0, _rules), log));

    /// <summary>Entries of these terms, from index 2 on; the first is how the group was founded, of term 1.</summary>
    private static void Fill(MemoryLog log, long[] terms)
    {
        for (var i = 0; i < terms.Length; i++)
            log.Apply(new(World.Group) { Entries = [new Entry(new(terms[i], i + 2), EntryKind.Data, new byte[8])] });
        log.Apply(new(World.Group) { HardState = new HardState(terms[^1], MemberId.None, 1) });
    }
}
