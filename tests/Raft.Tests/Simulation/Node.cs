using Notebook.Raft.Messages;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>One server with one member: does what the member's <see cref="Ready"/> asks for, and may crash at any time.</summary>
internal sealed class Node
{
    private readonly World _world;
    private readonly Random _random;
    private readonly int _syncMs;
    private readonly List<(long WriteNumber, RaftMessage Message)> _held = [];
    private long _life;        // events of an earlier life are void
    private long _persisted;
    private long _syncsUntil;

    public Node(World world, int id, ISimulatedStore store)
    {
        (_world, Id, Store) = (world, id, store);
        _random = new Random(world.Random.Next());
        _syncMs = _random.NextDouble() < world.Knobs.SlowDisks ? 10 * world.Knobs.SyncMs : world.Knobs.SyncMs;
    }

    public int Id { get; }

    public ISimulatedStore Store { get; }

    public RaftMember? Member { get; private set; }

    public ListMachine Machine { get; private set; } = new();

    public bool IsUp => Member is not null;

    public void Start()
    {
        _life++;
        (_persisted, _syncsUntil) = (0, _world.Agenda.Now);
        Machine = new ListMachine();
        if (Store.Log.Snapshot is { } snapshot) Restore(snapshot);
        Member = new RaftMember(World.Group, new MemberId(Id), Store.Log, _world.Knobs.Raft, _random, Machine.Applied,
            _world.Mutation.Rules);
        _world.Checkers.Started(this);
        _world.Trace.Add(_world.Agenda.Now, Id, $"starts with {Store.Log.Last}");
        Later(_random.Next(TickMs), TickForever);
        Pump();
    }

    public void Crash()
    {
        _world.Trace.Add(_world.Agenda.Now, Id, "crashes");
        _life++;
        Member = null;
        _held.Clear();
        Store.Crash(_random);
        _world.Clients.NodeCrashed(Id);
    }

    /// <summary>Lets the member do something, and does what comes of it.</summary>
    public void Do(Action<RaftMember> action)
    {
        if (Member is not { } member) return;
        action(member);
        Pump();
    }

    public T Ask<T>(Func<RaftMember, T> question)
    {
        var answer = question(Member!);
        Pump();
        return answer;
    }

    public const int TickMs = 10;

    private void TickForever()
    {
        Do(member => member.Tick());
        Later(TickMs, TickForever);
    }

    private void Later(long delay, Action action)
    {
        var life = _life;
        _world.Agenda.After(delay, () =>
        {
            if (life == _life) action();
        });
    }

    private void Pump()
    {
        while (Member?.TakeReady() is { } ready) Handle(_world.Mutation.Change(this, ready));
        _world.Checkers.Look(this);
    }

    private void Handle(Ready ready)
    {
        if (ready.Changed is { } view) _world.Trace.Add(_world.Agenda.Now, Id, $"{view.Role} in {view.Term}, led by {view.Leader}");
        if (ready.Write is { } write) Write(write, ready.WriteNumber);
        foreach (var message in ready.Messages) Send(message);
        foreach (var message in ready.MessagesAfterWrite)
        {
            if (ready.WriteNumber <= _persisted) Send(message);
            else _held.Add((ready.WriteNumber, message));
        }
        if (ready.SnapshotToApply is { } snapshot) Restore(snapshot);
        if (ready.Committed is { } range) Apply(range);
        foreach (var read in ready.Reads) _world.Clients.ReadConfirmed(this, read);
        _world.Clients.Applied(this);
    }

    private void Write(GroupWrite write, long number)
    {
        _world.Checkers.Written(this, write);
        var isRepair = !write.Entries.IsEmpty && write.Entries[0].Id.Index <= Store.Log.Last.Index;
        Store.Write(_world.Mutation.Store(write, Store.Log));
        var syncMs = _world.Network.IsCalm ? 1 : _random.Next(_syncMs + 1);
        _syncsUntil = Math.Max(_syncsUntil, _world.Agenda.Now + syncMs);
        if (isRepair) _world.Nemesis.Repairs(this, (int)(_syncsUntil - _world.Agenda.Now));
        Later(_syncsUntil - _world.Agenda.Now, () =>
        {
            Store.Sync((int)(number - _persisted));
            _persisted = number;
            Member!.Persisted(number);
            foreach (var (_, message) in _held.FindAll(held => held.WriteNumber <= number)) Send(message);
            _held.RemoveAll(held => held.WriteNumber <= number);
            Pump();
        });
    }

    private void Send(RaftMessage message)
    {
        var bytes = new byte[message.Size];
        message.Write(bytes);
        _world.Trace.Add(_world.Agenda.Now, Id, "sends", bytes);
        _world.Trace.Note(_world.Agenda.Now, Id, () => message.ToString());
        _world.Checkers.Sent(message);
        _world.Network.Send(message);
    }

    private void Restore(SnapshotInfo snapshot)
    {
        var bytes = new List<byte>();
        while (Store.Log.ReadSnapshot(bytes.Count, 100) is { Length: > 0 } piece) bytes.AddRange(piece.Span);
        Machine.Restore(snapshot.Last.Index, bytes.ToArray());
        _world.Trace.Add(_world.Agenda.Now, Id, $"restores {snapshot.Last}");
        _world.Checkers.Restored(this, snapshot);
    }

    private void Apply(CommittedRange range)
    {
        _world.Trace.Add(_world.Agenda.Now, Id, $"applies {range.From} to {range.Through}");
        for (var next = range.From; next <= range.Through;)
        {
            foreach (var entry in Store.Log.Read(next, range.Through, 1000))
            {
                Machine.Apply(entry);
                _world.Checkers.Applied(this, entry);
                _world.Clients.Applied(this, entry);
                next++;
            }
        }
        if (Machine.Applied - (Store.Log.Snapshot?.Last.Index ?? 0) < _world.Knobs.SnapshotEvery) return;
        Member!.SaveSnapshot(Machine.Applied, Machine.Save(), _world.Knobs.KeepEntries);
    }
}
