namespace Notebook.Raft.Tests.Simulation;

/// <summary>Clients that append and read, one thing at a time each, at whichever node they think leads; and what they saw.</summary>
internal sealed class Clients(World world)
{
    private const int PatienceMs = 700;

    private readonly Dictionary<(int Node, long Index), (Operation Operation, long Term)> _appends = [];
    private readonly Dictionary<long, (Operation Operation, int Node, long? Index)> _reads = [];
    private readonly List<Operation> _history = [];
    private readonly Random _random = new(world.Random.Next());
    private long _order;
    private long _lastValue;
    private long _lastRead;
    private bool _isOver;

    public IReadOnlyCollection<Operation> History => _history;

    public void Start()
    {
        for (var client = 1; client <= world.Knobs.Clients; client++) Think(client, 0);
    }

    public void Stop() => _isOver = true;

    public void NodeCrashed(int node)
    {
        foreach (var key in _appends.Keys.Where(key => key.Node == node).ToArray()) _appends.Remove(key);
        foreach (var key in _reads.Keys.Where(key => _reads[key].Node == node).ToArray()) _reads.Remove(key);
    }

    public void Applied(Node node, Entry entry)
    {
        if (!_appends.Remove((node.Id, entry.Id.Index), out var waiting)) return;
        if (waiting.Term != entry.Id.Term) return;   // another leader's entry took the place: the client will lose patience
        waiting.Operation.Count = node.Machine.Count;
        End(waiting.Operation);
    }

    /// <summary>Reads whose index the node has reached are served.</summary>
    public void Applied(Node node)
    {
        foreach (var (read, (operation, at, index)) in _reads.Where(pair => pair.Value.Node == node.Id).ToArray())
        {
            if (at != node.Id || index is null || index > node.Machine.Applied) continue;
            _reads.Remove(read);
            (operation.Count, operation.Hash) = (node.Machine.Count, node.Machine.Hash);
            End(operation);
        }
    }

    public void ReadConfirmed(Node node, ReadAnswer answer)
    {
        if (!_reads.TryGetValue(answer.Read, out var waiting)) return;
        if (answer.Index is null) _reads.Remove(answer.Read);
        else _reads[answer.Read] = (waiting.Operation, node.Id, answer.Index);
    }

    private void Think(int client, int preferred) => world.Agenda.After(_random.Next(1, 30), () => Begin(client, preferred));

    private void Begin(int client, int preferred)
    {
        if (_isOver) return;
        var up = world.Nodes.Values.Where(node => node.IsUp).ToArray();
        var target = up.FirstOrDefault(node => node.Id == preferred && _random.Next(4) > 0)
            ?? (up.Length == 0 ? null : up[_random.Next(up.Length)]);
        if (target is null) Think(client, 0);
        else if (_random.Next(3) == 0) Read(client, target);
        else Append(client, target);
    }

    private void Append(int client, Node node)
    {
        node.Do(member =>
        {
            var value = _lastValue + 1;
            var outcome = member.Propose(ListMachine.Encode(value));
            if (outcome is not ProposeOutcome.Accepted accepted)
            {
                Think(client, outcome is ProposeOutcome.NotLeader other ? other.Leader.Value : node.Id);
                return;
            }
            _lastValue = value;
            var operation = new Operation(client, _order++) { Value = value };
            _appends[(node.Id, accepted.Id.Index)] = (operation, accepted.Id.Term);
            Wait(operation, node);
        });
    }

    private void Read(int client, Node node)
    {
        node.Do(member =>
        {
            var read = ++_lastRead;
            var operation = new Operation(client, _order++);
            _reads[read] = (operation, node.Id, null);
            var outcome = member.ReadIndex(read);
            if (outcome is ReadOutcome.Pending)
            {
                Wait(operation, node);
                return;
            }
            _reads.Remove(read);
            Think(client, outcome is ReadOutcome.NotLeader other ? other.Leader.Value : node.Id);
        });
    }

    private void Wait(Operation operation, Node node)
    {
        _history.Add(operation);
        world.Agenda.After(PatienceMs, () =>
        {
            if (operation.End is null) Think(operation.Client, node.Id);
        });
    }

    private void End(Operation operation)
    {
        if (operation.End is not null) return;
        operation.End = _order++;
        Think(operation.Client, 0);
    }
}
