using System.Diagnostics.CodeAnalysis;

namespace Notebook.Agent.Replicas;

/// <summary>Remembers the last <paramref name="capacity"/> keys and their values; the oldest is forgotten first.</summary>
internal sealed class BoundedMemory<TValue>(int capacity)
{
    private readonly Dictionary<string, TValue> _values = [];
    private readonly Queue<string> _order = [];

    public int Count => _values.Count;

    public void Remember(string key, TValue value)
    {
        if (!_values.TryAdd(key, value))
        {
            _values[key] = value;
            return;
        }

        _order.Enqueue(key);
        if (_order.Count > capacity) _values.Remove(_order.Dequeue());
    }

    public bool TryRecall(string key, [MaybeNullWhen(false)] out TValue value) => _values.TryGetValue(key, out value);
}
