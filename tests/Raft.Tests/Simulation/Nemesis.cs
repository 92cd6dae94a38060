namespace Notebook.Raft.Tests.Simulation;

/// <summary>Makes things go wrong, and operators do what operators do: crashes, cuts, membership changes, transfers.</summary>
internal sealed class Nemesis(World world)
{
    private const int NoticeMs = 40;   // how long an agent takes to see that another is gone
    private const int MostMembers = 5;
    private const int MostIds = 12;

    private readonly Random _random = new(world.Random.Next());
    private readonly HashSet<int> _wereMembers = [];
    private int _lastId = world.Knobs.Founders;   // an id is never used twice
    private bool _isRunning;

    public void Start()
    {
        _isRunning = true;
        Repeat(world.Knobs.CrashEveryMs, CrashSomeNode);
        Repeat(world.Knobs.PartitionEveryMs, CutSomeLinks);
        Repeat(world.Knobs.ChangeEveryMs, ChangeMembership);
        Repeat(world.Knobs.TransferEveryMs, MoveLeadership);
    }

    public void Stop() => _isRunning = false;

    /// <summary>Leaders that fall young leave entries on few servers: the way to figure 8 of the paper.</summary>
    public void Elected(Node leader)
    {
        if (!_isRunning || _random.NextDouble() >= world.Knobs.YoungLeadersHit) return;
        world.Agenda.After(_random.Next(world.Knobs.YoungLeaderMs), () =>
        {
            if (!_isRunning || !leader.IsUp) return;
            if (_random.Next(2) == 0) Crash(leader);
            else Cut([leader.Id]);
        });
    }

    /// <summary>A write that replaces entries is the one that a crash may not cut in a wrong place.</summary>
    public void Repairs(Node node, int syncMs)
    {
        if (!_isRunning || _random.NextDouble() >= world.Knobs.RepairsHit) return;
        world.Agenda.After(_random.Next(syncMs + 1), () =>
        {
            if (_isRunning && node.IsUp) Crash(node);
        });
    }

    private void Repeat(int everyMs, Action action) => world.Agenda.After(_random.Next(everyMs / 2, everyMs * 3 / 2), () =>
    {
        if (!_isRunning) return;
        action();
        Repeat(everyMs, action);
    });

    private void CrashSomeNode()
    {
        var up = world.Nodes.Values.Where(node => node.IsUp).ToArray();
        if (up.Length == 0) return;
        Crash(up[_random.Next(up.Length)]);
        if (_random.NextDouble() >= world.Knobs.CrashesOfMany) return;
        foreach (var node in up)
            if (node.IsUp && _random.Next(2) == 0) Crash(node);
    }

    private void Crash(Node node)
    {
        node.Crash();
        Notice((_, lost) => lost == node.Id && !node.IsUp);
        world.Agenda.After(_random.Next(4) == 0 ? _random.Next(600) : _random.Next(60), () =>
        {
            if (_isRunning && !node.IsUp && world.Nodes.ContainsKey(node.Id)) node.Start();
        });
    }

    private void CutSomeLinks() => Cut([.. world.Nodes.Keys.Where(_ => _random.Next(2) == 0)]);

    private void Cut(HashSet<int> side)
    {
        world.Network.Cut([.. world.Nodes.Keys], side);
        world.Trace.Add(world.Agenda.Now, 0, "links are cut");
        Notice(world.Network.IsCut);
        world.Agenda.After(_random.Next(50, 900), world.Network.Heal);
    }

    /// <summary>Agents notice sooner or later that another cannot be reached; without that, a resting group would rest on.</summary>
    private void Notice(Func<int, int, bool> isLost) => world.Agenda.After(NoticeMs, () =>
    {
        foreach (var node in world.Nodes.Values)
            foreach (var other in world.Nodes.Keys)
                if (isLost(node.Id, other)) node.Do(member => member.PeerLost(new MemberId(other)));
        var standing = world.Nodes.Values.Where(node => _random.Next(8) == 0).ToArray();
        foreach (var node in standing) node.Do(member => member.Campaign());   // as for a new executor
    });

    private void MoveLeadership()
    {
        var up = world.Nodes.Values.Where(node => node.IsUp).ToArray();
        if (up.Length == 0) return;
        var target = up[_random.Next(up.Length)];
        if (_random.Next(2) == 0) target.Do(member => member.Campaign());
        else world.LeaderNode()?.Do(member => member.TransferLeadership(new MemberId(target.Id)));
    }

    private void ChangeMembership()
    {
        RemoveNodesThatLeft();
        var leaders = world.Nodes.Values.Where(node => node.Member?.Role == RaftRole.Leader).ToArray();
        if (leaders.Length == 0) return;
        var leader = leaders[_random.Next(leaders.Length)];   // one that was replaced may not know it yet
        for (var changes = _random.Next(3) == 0 ? 3 : 1; changes > 0 && leader.Member?.Role == RaftRole.Leader; changes--)
            ChangeMembership(leader, leader.Member.Membership);
    }

    private void ChangeMembership(Node leader, Membership membership)
    {
        if (membership.Learners is [var learner, ..] && _random.Next(5) > 0)
            leader.Do(member => member.ChangeMembership(new MembershipChange.Promote(learner)));
        else if (membership.Voters.Length + membership.Learners.Length < MostMembers && _lastId < MostIds)
            Add(leader);
        else
        {
            var all = membership.Voters.Concat(membership.Learners).ToArray();
            var leaving = all[_random.Next(all.Length)];
            leader.Do(member => member.ChangeMembership(new MembershipChange.Remove(leaving)));
        }
    }

    private void Add(Node leader)
    {
        var id = _lastId + 1;
        leader.Do(member =>
        {
            if (member.ChangeMembership(new MembershipChange.AddLearner(new MemberId(id))) is ChangeOutcome.Accepted) _lastId = id;
        });
        if (_lastId == id) world.Create(id).Start();
    }

    /// <summary>A node may go when a committed membership says so. Until somebody comes for it, it runs on and may disturb.</summary>
    private void RemoveNodesThatLeft()
    {
        var members = world.Checkers.Membership;
        foreach (var member in members.Voters.Concat(members.Learners)) _wereMembers.Add(member.Value);
        foreach (var node in world.Nodes.Values.ToArray())
        {
            if (members.Contains(new MemberId(node.Id)) || !_wereMembers.Contains(node.Id) || _random.Next(2) == 0) continue;
            if (node.IsUp) node.Crash();
            world.Nodes.Remove(node.Id);
        }
    }
}
