using Notebook.Raft.Messages;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>Looks at a run from outside and throws a <see cref="Violation"/> when a rule of Raft's figure 3 is broken.</summary>
internal sealed class Checkers(World world)
{
    private readonly Dictionary<long, int> _leaderOf = [];
    private readonly Dictionary<(int Voter, long Term), int> _votes = [];
    private readonly Dictionary<EntryId, (ulong Content, long PreviousTerm)> _entries = [];
    private readonly List<(long Term, ulong Content)> _committed = [(0, 0)];
    private readonly List<(long Term, long Through)> _commits = [];   // in which term the commit index reached what
    private readonly Dictionary<int, long> _commitOf = [];

    /// <summary>The committed entries' data, in order: what the list must be.</summary>
    public ListMachine Truth { get; } = new();

    /// <summary>The membership that was committed last.</summary>
    public Membership Membership { get; private set; } = Membership.Empty;

    /// <summary>Terms that had a leader.</summary>
    public int Leaders => _leaderOf.Count;

    /// <summary>Snapshots that replaced a node's state, restarts included.</summary>
    public int Restores { get; private set; }

    /// <summary>Memberships that were committed.</summary>
    public int Changes { get; private set; }

    public long CommitIndex => _committed.Count - 1;

    /// <summary>A node begins anew, with what its disk has.</summary>
    public void Started(Node node) => _commitOf.Remove(node.Id);

    /// <summary>After each thing that a node did.</summary>
    public void Look(Node node)
    {
        if (node.Member is not { } member) return;
        if (member.Role == RaftRole.Leader) LookAtLeader(node, member);
        LookAtCommit(node, member);
    }

    /// <summary>Log matching: entries with equal index and term are equal, and so are those before them.</summary>
    public void Written(Node node, GroupWrite write)
    {
        for (var i = 0; i < write.Entries.Length; i++)
        {
            var entry = write.Entries[i];
            var previous = i > 0 ? write.Entries[i - 1].Id.Term : PreviousTerm(node, write);
            var found = (ContentOf(entry), previous);
            if (_entries.TryAdd(entry.Id, found) || _entries[entry.Id] == found) continue;
            throw new Violation("log matching", $"node {node.Id} has another {entry.Id} than was there");
        }
    }

    /// <summary>One vote a term, also over restarts.</summary>
    public void Sent(RaftMessage message)
    {
        var (voter, candidate) = message switch
        {
            VoteAnswer { Granted: true, IsPreVote: false } answer => (answer.From.Value, answer.To.Value),
            VoteRequest { Reason: not VoteReason.PreVote } request => (request.From.Value, request.From.Value),
            _ => (0, 0),
        };
        if (voter == 0 || _votes.TryAdd((voter, message.Term), candidate) || _votes[(voter, message.Term)] == candidate) return;
        throw new Violation("one vote a term", $"{voter} voted for {_votes[(voter, message.Term)]} and {candidate} in {message.Term}");
    }

    /// <summary>State machine safety: what is applied at an index is the same everywhere.</summary>
    public void Applied(Node node, Entry entry)
    {
        if (entry.Id.Index > CommitIndex) Commit(node, node.Member!.Term, entry.Id.Index);
        var (term, content) = _committed[(int)entry.Id.Index];
        if (term != entry.Id.Term || content != ContentOf(entry))
            throw new Violation("applied sequences equal", $"node {node.Id} applied {entry.Id}; committed there is term {term}");
    }

    public void Restored(Node node, SnapshotInfo snapshot)
    {
        Restores++;
        if (snapshot.Last.Index > CommitIndex || _committed[(int)snapshot.Last.Index].Term != snapshot.Last.Term)
            throw new Violation("applied sequences equal", $"node {node.Id} restored {snapshot.Last}, which is not committed");
        if (node.Machine.Count > Truth.Count || Truth.HashOf(node.Machine.Count) != node.Machine.Hash)
            throw new Violation("applied sequences equal", $"node {node.Id} restored other content at {snapshot.Last}");
    }

    private void LookAtLeader(Node node, RaftMember member)
    {
        if (!_leaderOf.TryAdd(member.Term, node.Id))
        {
            if (_leaderOf[member.Term] == node.Id) return;
            throw new Violation("one leader per term", $"{node.Id} and {_leaderOf[member.Term]} lead in {member.Term}");
        }
        world.Nemesis.Elected(node);
        var needed = _commits.LastOrDefault(commit => commit.Term < member.Term).Through;
        var log = node.Store.Log;
        if (needed <= log.Before.Index) return;
        if (log.TermAt(needed) != _committed[(int)needed].Term)
            throw new Violation("leader completeness", $"{node.Id} leads in {member.Term} without the committed entry {needed}");
    }

    private void LookAtCommit(Node node, RaftMember member)
    {
        var commit = member.CommitIndex;
        if (_commitOf.TryGetValue(node.Id, out var known) && known == commit) return;
        _commitOf[node.Id] = commit;
        if (commit > CommitIndex) Commit(node, member.Term, commit);
        var log = node.Store.Log;
        if (commit > log.Before.Index && log.TermAt(commit) != _committed[(int)commit].Term)
            throw new Violation("committed stays", $"{node.Id} holds term {log.TermAt(commit)} at its commit index {commit}");
    }

    private void Commit(Node node, long term, long through)
    {
        var log = node.Store.Log;
        if (through > log.Last.Index)
            throw new Violation("committed stays", $"node {node.Id} has entries up to {log.Last} and the commit index {through}");
        foreach (var entry in log.Read(CommitIndex + 1, through, int.MaxValue))
        {
            _committed.Add((entry.Id.Term, ContentOf(entry)));
            Truth.Apply(entry);
            if (entry.Kind != EntryKind.Membership) continue;
            Membership = Membership.Read(entry.Data);
            Changes++;
        }
        _commits.Add((term, through));
        world.Trace.Add(world.Agenda.Now, node.Id, $"commits through {through}");
    }

    private static long PreviousTerm(Node node, GroupWrite write)
    {
        var index = write.Entries[0].Id.Index - 1;
        if (write.Snapshot is { IsLast: true } piece && piece.Info.Last.Index == index) return piece.Info.Last.Term;
        return node.Store.Log.TermAt(index) ?? -1;
    }

    private static ulong ContentOf(Entry entry)
    {
        var hash = 14695981039346656037 ^ (ulong)entry.Kind;
        foreach (var value in entry.Data.Span) hash = (hash ^ value) * 1099511628211;
        return hash;
    }
}
