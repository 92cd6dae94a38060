namespace Notebook.Raft.Tests.Simulation;

/// <summary>All that happened, as one number to compare runs by, and its last lines when asked for.</summary>
internal sealed class Trace(bool keepsLines)
{
    private const int LinesKept = 200;
    private readonly Queue<string> _lines = new();

    public ulong Hash { get; private set; } = 14695981039346656037;

    public long Events { get; private set; }

    public IEnumerable<string> Lines => _lines;

    public void Add(long time, int node, string what, ReadOnlySpan<byte> bytes = default)
    {
        Events++;
        Mix((ulong)time);
        Mix((ulong)node);
        foreach (var letter in what) Mix(letter);
        foreach (var value in bytes) Mix(value);
        if (keepsLines && bytes.IsEmpty) Keep(time, node, what);
    }

    /// <summary>A line that says more than the run's identity needs, so it is made only where it is read.</summary>
    public void Note(long time, int node, Func<string> what)
    {
        if (keepsLines) Keep(time, node, what());
    }

    private void Keep(long time, int node, string what)
    {
        if (_lines.Count == LinesKept) _lines.Dequeue();
        _lines.Enqueue($"{time,6} {node}: {what}");
    }

    private void Mix(ulong value) => Hash = (Hash ^ value) * 1099511628211;
}
