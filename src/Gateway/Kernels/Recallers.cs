namespace Notebook.Gateway.Kernels;

/// <summary>
/// Who asked what a running cell has said: its reply and its questions are for them too, beside the page that ran it,
/// which may be gone without a sign. Not safe for threads. Bounded: the oldest of a cell is forgotten.
/// </summary>
internal sealed class Recallers(int limitOfCell = 16)
{
    private readonly Dictionary<string, List<Asker>> _byCell = [];

    public void Add(string cell, Asker asker)
    {
        if (!_byCell.TryGetValue(cell, out var askers)) _byCell.Add(cell, askers = []);
        if (askers.Count == limitOfCell) askers.RemoveAt(0);
        askers.Add(asker);
    }

    /// <summary>Who gets a message beside the one whom it is for; after the reply nothing more comes.</summary>
    public IReadOnlyList<Asker> Of(OutMessage message)
    {
        if (_byCell.Count == 0 || !_byCell.TryGetValue(message.ParentId, out var askers)) return [];
        if (message.Type == "execute_reply") _byCell.Remove(message.ParentId);
        return askers;
    }
}
