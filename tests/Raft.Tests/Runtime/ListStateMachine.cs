using System.Text;
using Notebook.Raft.Runtime;
using Notebook.Raft.Storage;

namespace Notebook.Raft.Tests.Runtime;

/// <summary>A list of lines, and a check that it is called as the contract says.</summary>
internal sealed class ListStateMachine : IStateMachine
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private EntryId _last;
    private int _calls;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock) return [.. _lines];
        }
    }

    public int Restores { get; private set; }

    public void Apply(EntryId id, ReadOnlyMemory<byte> data) => Alone(() =>
    {
        if (!id.IsAtLeast(_last) || id.Index <= _last.Index) throw new InvalidOperationException($"{id} after {_last}");
        _last = id;
        lock (_lock) _lines.Add(Encoding.UTF8.GetString(data.Span));
    });

    public ReadOnlyMemory<byte>? TakeSnapshot() => Encoding.UTF8.GetBytes(string.Join('\n', Lines));

    public void Restore(SnapshotInfo info, ReadOnlyMemory<byte> data) => Alone(() =>
    {
        (_last, Restores) = (info.Last, Restores + 1);
        lock (_lock)
        {
            _lines.Clear();
            _lines.AddRange(Encoding.UTF8.GetString(data.Span).Split('\n'));
        }
    });

    private void Alone(Action call)
    {
        if (Interlocked.Exchange(ref _calls, 1) != 0) throw new InvalidOperationException("two calls at a time");
        call();
        Volatile.Write(ref _calls, 0);
    }
}
