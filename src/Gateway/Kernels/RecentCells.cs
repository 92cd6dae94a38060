using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Kernels;

/// <summary>
/// What the running cell and those before it have said, for a page that was loaded anew: it has lost what the page
/// before it had shown, and asks for it (<c>recall_request</c>). Bounded in bytes: the oldest finished cells go first, then
/// the oldest outputs of the running one, which is counted. Not safe for threads.
/// </summary>
internal sealed class RecentCells(long limitBytes, int limitCells, TimeSpan keptFor)
{
    private readonly LinkedList<Cell> _cells = new();   // in the order of their beginnings
    private readonly Dictionary<string, Cell> _byId = [];
    private long _bytes;

    /// <summary>What a cell has said, without the frames that were made of it for clients.</summary>
    /// <param name="Parts">The message.</param>
    /// <param name="Id">Its <c>msg_id</c>.</param>
    /// <param name="Type">Its <c>msg_type</c>.</param>
    public sealed record Said(SocketMessage Parts, string Id, string Type);

    /// <summary>A cell as far as it is kept.</summary>
    public sealed class Cell(string id)
    {
        private const int MaxListeners = 16;
        private readonly LinkedList<Said> _messages = new();
        private readonly List<Asker> _listeners = [];

        /// <summary>Its request's <c>msg_id</c>.</summary>
        public string Id => id;

        /// <summary>When it had its reply; null while it runs.</summary>
        public DateTimeOffset? FinishedAt { get; internal set; }

        /// <summary>How many messages are not kept any more.</summary>
        public long LeftOut { get; private set; }

        /// <summary>What it said, in order.</summary>
        public IEnumerable<Said> Messages => _messages;

        /// <summary>
        /// Who asked what it has said while it ran: its reply and its questions are for them too, beside the page that ran it,
        /// which may be gone without a sign.
        /// </summary>
        public IReadOnlyList<Asker> Listeners => _listeners;

        internal long Bytes { get; private set; }

        /// <summary>One listener more, or the same again; of too many the first goes.</summary>
        public void Listen(Asker asker)
        {
            _listeners.RemoveAll(listener => listener.Session == asker.Session);
            if (_listeners.Count == MaxListeners) _listeners.RemoveAt(0);
            _listeners.Add(asker);
        }

        internal void Add(OutMessage message)
        {
            _messages.AddLast(new Said(message.Parts, message.Id, message.Type));
            Bytes += message.Parts.Size;
        }

        internal bool TryDropFirst(out long bytes)
        {
            bytes = 0;
            if (_messages.First is not { } first) return false;
            _messages.RemoveFirst();
            Bytes -= bytes = first.Value.Parts.Size;
            LeftOut++;
            return true;
        }
    }

    /// <summary>The cells that are kept, oldest first.</summary>
    public IEnumerable<Cell> All => _cells;

    /// <summary>A cell by its request's <c>msg_id</c>; null when it is not kept.</summary>
    public Cell? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Keeps a message. A cell begins with its <c>execute_input</c>: one that is silent shows nothing.</summary>
    public void Add(OutMessage message, DateTimeOffset now)
    {
        if (!_byId.TryGetValue(message.ParentId, out var cell))
        {
            if (message.Type != "execute_input") return;
            _byId.Add(message.ParentId, cell = new Cell(message.ParentId));
            _cells.AddLast(cell);
        }

        cell.Add(message);
        _bytes += message.Parts.Size;
        if (message.Type == "execute_reply") cell.FinishedAt = now;
        MakeRoom();
    }

    /// <summary>Forgets cells that finished too long ago.</summary>
    public void Forget(DateTimeOffset now)
    {
        while (_cells.FirstOrDefault(c => now - c.FinishedAt > keptFor) is { } old) Remove(old);
    }

    // One cell of a kernel runs at a time: all but the last have finished.
    private void MakeRoom()
    {
        while (_cells.Count > 1 && (_bytes > limitBytes || _cells.Count > limitCells)) Remove(_cells.First!.Value);
        var last = _cells.Last!.Value;
        while (_bytes > limitBytes && last.TryDropFirst(out var bytes)) _bytes -= bytes;
    }

    private void Remove(Cell cell)
    {
        _cells.Remove(cell);
        _byId.Remove(cell.Id);
        _bytes -= cell.Bytes;
    }
}
