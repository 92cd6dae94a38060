using System.Diagnostics.CodeAnalysis;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>Cells whose bytes are here and whose order is not. Bounded in number and bytes.</summary>
internal sealed class StagedCells(int maxCells, long maxBytes)
{
    private readonly Dictionary<string, (JupyterFrame Message, long Size)> _cells = [];
    private long _bytes;

    public int Count => _cells.Count;

    /// <summary>Keeps a message, in place of an earlier one of the same id.</summary>
    /// <returns>Why it cannot be kept; null when it is.</returns>
    public string? Keep(JupyterFrame message)
    {
        TryTake(message.MessageId, out _);
        var size = (long)message.CalculateSize();
        if (_cells.Count == maxCells) return $"{maxCells} cells wait at this replica already";
        if (_bytes + size > maxBytes) return $"cells that wait at this replica may have {maxBytes >> 20} MiB together, and this one has {size} bytes";
        _cells[message.MessageId] = (message, size);
        _bytes += size;
        return null;
    }

    public bool TryTake(string messageId, [MaybeNullWhen(false)] out JupyterFrame message)
    {
        var found = _cells.Remove(messageId, out var cell);
        _bytes -= cell.Size;
        message = cell.Message;
        return found;
    }

    public void Clear()
    {
        _cells.Clear();
        _bytes = 0;
    }
}
