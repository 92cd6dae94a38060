using Notebook.Links.Protocol;

namespace Notebook.Gateway.Kernels;

/// <summary>One <c>execute_request</c> without a reply yet.</summary>
/// <param name="frame">Its bytes.</param>
/// <param name="resources">What it asks for itself.</param>
/// <param name="stopOnError">Whether an error in it aborts those behind it.</param>
/// <param name="seen">The last cell whose reply its client may have seen before it sent this one.</param>
internal sealed class Submission(JupyterFrame frame, ResourceRequest? resources, bool stopOnError, string? seen)
{
    /// <summary>Its bytes, for any agent that is to run it.</summary>
    public JupyterFrame Frame => frame;

    public string MessageId => frame.MessageId;

    public long Size { get; } = frame.CalculateSize();

    /// <summary>Whether output of it was seen: from then on it is never started again.</summary>
    public bool Started { get; set; }

    /// <summary>Whether the kernel's grain has it, as far as is known.</summary>
    public bool Submitted { get; set; }

    /// <summary>The attachment (<see cref="ReplicaRoute.Attachment"/>) under which its bytes were sent to an agent; null before.</summary>
    public object? StagedUnder { get; set; }

    /// <summary>Since when it is known to have ended, and nothing of it has come; null while it is not known to.</summary>
    public DateTimeOffset? CompletedSince { get; set; }

    /// <summary>The comms that it opened.</summary>
    public CellComms Comms { get; } = new();

    /// <summary>What its client is told of its waiting.</summary>
    public WaitNotice Wait { get; } = new();

    public CellSubmission ForGrain(string? after) => new(MessageId, resources, stopOnError, Started) { Seen = seen, After = after };
}

/// <summary>The outstanding cells of one kernel, in the order in which they came. Bounded. Not safe for threads.</summary>
internal sealed class Submissions(int limit, long limitBytes)
{
    private readonly OrderedDictionary<string, Submission> _cells = [];
    private long _bytes;

    public int Count => _cells.Count;

    public IEnumerable<Submission> All => _cells.Values;

    public Submission? Find(string messageId) => _cells.GetValueOrDefault(messageId);

    /// <summary>Why one more of this size cannot be taken, or null.</summary>
    public string? Refusal(long size) =>
        _cells.Count >= limit ? $"{_cells.Count} cells of this kernel wait already, and no more than {limit} may; interrupt or wait, then run the cell again"
        : _cells.Count > 0 && _bytes + size > limitBytes ? $"the waiting cells of this kernel have {_bytes >> 20} MiB, and no more than {limitBytes >> 20} MiB may wait; run the cell again later"
        : null;

    public void Add(Submission cell)
    {
        if (_cells.TryAdd(cell.MessageId, cell)) _bytes += cell.Size;
    }

    public Submission? Remove(string messageId)
    {
        if (!_cells.Remove(messageId, out var cell)) return null;
        _bytes -= cell.Size;
        return cell;
    }

    /// <summary>The first that the grain may not know, and the id of the one before it; null when it has all.</summary>
    public (Submission Cell, string? After)? NextToSubmit()
    {
        string? before = null;
        foreach (var cell in _cells.Values)
        {
            if (!cell.Submitted) return (cell, before);
            before = cell.MessageId;
        }

        return null;
    }

    /// <summary>Those that the grain has, as far as is known.</summary>
    public ImmutableArray<Submission> Submitted => [.. _cells.Values.Where(c => c.Submitted)];

    /// <summary>Grows with every <see cref="SubmitAllAgain"/>: an answer to what was submitted in an earlier round says nothing about this one.</summary>
    public int Round { get; private set; }

    /// <summary>The silo may have forgotten what it said it had: all are submitted again, in order.</summary>
    public void SubmitAllAgain()
    {
        Round++;
        foreach (var cell in _cells.Values) cell.Submitted = false;
    }
}
