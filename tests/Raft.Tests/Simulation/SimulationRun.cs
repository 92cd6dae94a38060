namespace Notebook.Raft.Tests.Simulation;

/// <summary>How a run ended.</summary>
internal sealed record RunResult(int Seed, Knobs Knobs, Exception? Failure, Trace Trace, Tally Tally)
{
    /// <summary>The broken rule's name, or the exception's; null when all is well.</summary>
    public string? Broken => Failure is Violation violation ? violation.Rule : Failure?.GetType().Name;
}

/// <summary>What a run did, so that a campaign can show that it tried what it claims.</summary>
internal sealed record Tally(int Appended, int Read, long Committed, int Leaders, int Restored, int Changes, long Events);

/// <summary>One seed: faults first, while safety is watched; then everything heals, and progress is demanded.</summary>
internal static class SimulationRun
{
    private const int HealedMs = 20_000;

    public static RunResult Of(
        int seed, Mutation? mutation = null, Func<Random, ISimulatedStore>? newStore = null, bool keepsTrace = false,
        Func<Knobs, Knobs>? adjust = null)
    {
        var random = new Random(seed);
        var knobs = Knobs.Draw(random);
        knobs = adjust?.Invoke(knobs) ?? knobs;
        var world = new World(seed, knobs, random, mutation ?? Mutation.None, newStore ?? (_ => new MemoryStore()), keepsTrace);
        Exception? failure = null;
        try
        {
            Found(world);
            Trouble(world);
            Heal(world);
            Progress(world, "after healing");
            Rest(world);
            Progress(world, "after rest");
            Linearizability.Check(world.Clients.History, world.Checkers.Truth.Values, world.Checkers.Truth.HashOf);
        }
        catch (Exception e)
        {
            failure = e;   // whatever the production code throws is this seed's find too
        }
        return new RunResult(seed, knobs, failure, world.Trace, TallyOf(world));
    }

    private static Tally TallyOf(World world)
    {
        var ended = world.Clients.History.Where(operation => operation.End is not null).ToArray();
        return new Tally(ended.Count(operation => operation.Value is not null), ended.Count(operation => operation.Value is null),
            world.Checkers.CommitIndex, world.Checkers.Leaders, world.Checkers.Restores, world.Checkers.Changes, world.Trace.Events);
    }

    private static void Found(World world)
    {
        var founders = Enumerable.Range(1, world.Knobs.Founders).ToArray();
        var membership = Membership.Of(founders.Select(id => new MemberId(id)));
        foreach (var id in founders)
        {
            var node = world.Create(id);
            var write = GroupFounding.Write(World.Group, membership);
            world.Checkers.Written(node, write);
            node.Store.Write(write);
            node.Store.Sync(1);
        }
        foreach (var node in world.Nodes.Values) node.Start();
    }

    private static void Trouble(World world)
    {
        world.Clients.Start();
        world.Agenda.After(300, world.Nemesis.Start);
        world.Agenda.RunUntil(world.Knobs.FaultsMs);
        world.Nemesis.Stop();
        world.Clients.Stop();
    }

    private static void Heal(World world)
    {
        world.Network.Heal();
        world.Network.IsCalm = true;
        foreach (var node in world.Nodes.Values.Where(node => !node.IsUp)) node.Start();
        world.Trace.Add(world.Agenda.Now, 0, "all is well again");
    }

    /// <summary>A new entry comes to be applied at every member, and all have the same then.</summary>
    private static void Progress(World world, string when)
    {
        var before = world.Checkers.Truth.Count;
        var marker = -world.Agenda.Now - 1;
        Propose(world, marker);
        RunUntil(world, $"progress {when}", () => world.Checkers.Truth.Count > before && IsMarked(world, marker));
        foreach (var node in Members(world))
            if (node.Machine.Hash != world.Checkers.Truth.Hash)
                throw new Violation("applied sequences equal", $"node {node.Id} ends with other values");
        foreach (var id in world.Nodes.Keys.Where(id => !world.Checkers.Membership.Contains(new MemberId(id))).ToArray())
        {
            if (world.Nodes[id].IsUp) world.Nodes[id].Crash();
            world.Nodes.Remove(id);
        }
    }

    private static void Propose(World world, long marker)
    {
        ProposeOutcome? outcome = null;
        world.LeaderNode()?.Do(member => outcome = member.Propose(ListMachine.Encode(marker)));
        if (outcome is not ProposeOutcome.Accepted) world.Agenda.After(20, () => Propose(world, marker));
        else world.Agenda.After(2000, () =>
        {
            if (!world.Checkers.Truth.Values.Contains(marker)) Propose(world, marker);   // an old leader took it
        });
    }

    private static bool IsMarked(World world, long marker) =>
        world.Checkers.Truth.Values.Contains(marker)
        && Members(world).All(node => node.Machine.Applied == world.Checkers.CommitIndex);

    private static IEnumerable<Node> Members(World world) =>
        world.Nodes.Values.Where(node => world.Checkers.Membership.Contains(new MemberId(node.Id)));

    private static void Rest(World world)
    {
        world.Agenda.RunUntil(world.Agenda.Now + 1000);   // messages from the time of trouble may still wake somebody
        RunUntil(world, "rest", () => Members(world).All(node => node.Member!.IsResting));
        var events = world.Trace.Events;
        world.Agenda.RunUntil(world.Agenda.Now + 1000);
        if (world.Trace.Events != events) throw new Violation("rest", "a resting group sends messages");
    }

    private static void RunUntil(World world, string what, Func<bool> isDone)
    {
        world.Agenda.RunUntil(world.Agenda.Now + HealedMs, isDone);
        if (!isDone()) throw new Violation(what, $"nothing for {HealedMs} ms");
    }
}
