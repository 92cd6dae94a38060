using Notebook.Raft.Messages;

namespace Notebook.Raft.Tests.Simulation;

/// <summary>Carries messages in their wire form; drops, repeats, delays and reorders them, and has cut links, also in one direction.</summary>
internal sealed class Network(Agenda agenda, Random random, Knobs knobs)
{
    private readonly HashSet<(int From, int To)> _cut = [];

    public bool IsCalm { get; set; }

    public required Action<RaftMessage> Deliver { get; init; }

    public void Send(RaftMessage message)
    {
        var bytes = new byte[message.Size];
        message.Write(bytes);
        var copies = !IsCalm && random.NextDouble() < knobs.Repeat ? 2 : 1;
        for (; copies > 0; copies--)
        {
            if (!IsCalm && random.NextDouble() < knobs.Drop) continue;
            agenda.After(Delay(), () =>
            {
                if (!_cut.Contains((message.From.Value, message.To.Value))) Deliver(RaftMessage.Read(bytes));
            });
        }
    }

    /// <summary>Cuts the group in two, or some links in one direction.</summary>
    public void Cut(IReadOnlyList<int> nodes, HashSet<int> side)
    {
        var isOneWay = random.Next(3) == 0;
        foreach (var from in nodes)
            foreach (var to in nodes)
            {
                if (side.Contains(from) != side.Contains(to) && (!isOneWay || random.Next(2) == 0)) _cut.Add((from, to));
            }
    }

    public bool IsCut(int from, int to) => _cut.Contains((from, to));

    public void Heal() => _cut.Clear();

    private long Delay()
    {
        if (IsCalm) return 1;
        return random.NextDouble() < knobs.LongDelay ? random.Next(50, 600) : random.Next(knobs.DelayMs + 1);
    }
}
