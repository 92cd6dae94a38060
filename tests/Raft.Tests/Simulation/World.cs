using Notebook.Raft.Messages;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>One run's parts, all fed from one seed.</summary>
internal sealed class World
{
    public World(int seed, Knobs knobs, Random random, Mutation mutation, Func<Random, ISimulatedStore> newStore, bool keepsTrace)
    {
        (Seed, Knobs, Random, Mutation, NewStore) = (seed, knobs, random, mutation, newStore);
        Trace = new Trace(keepsTrace);
        Network = new Network(Agenda, new Random(random.Next()), knobs) { Deliver = Deliver };
        Checkers = new Checkers(this);
        Clients = new Clients(this);
        Nemesis = new Nemesis(this);
    }

    public static GroupId Group { get; } = new(new Guid("6f1c1d3e-0000-4000-8000-000000000001"));

    public int Seed { get; }

    public Knobs Knobs { get; }

    public Random Random { get; }

    public Mutation Mutation { get; }

    public Func<Random, ISimulatedStore> NewStore { get; }

    public Agenda Agenda { get; } = new();

    public Trace Trace { get; }

    public Network Network { get; }

    public Checkers Checkers { get; }

    public Clients Clients { get; }

    public Nemesis Nemesis { get; }

    public SortedDictionary<int, Node> Nodes { get; } = [];

    public Node Create(int id)
    {
        var node = new Node(this, id, NewStore(Random));
        Nodes.Add(id, node);
        return node;
    }

    public Node? LeaderNode() => Nodes.Values
        .Where(node => node.Member?.Role == RaftRole.Leader)
        .MaxBy(node => node.Member!.Term);

    private void Deliver(RaftMessage message)
    {
        if (!Nodes.TryGetValue(message.To.Value, out var node) || !node.IsUp) return;
        Trace.Note(Agenda.Now, node.Id, () => $"gets {message}");
        node.Do(member => member.Step(message));
    }
}
