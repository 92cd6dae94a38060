namespace Notebook.Objects.Transfer;

/// <summary>What one peer sent that was refused. Some of it happens on a good link, all of it in numbers means a broken peer.</summary>
/// <param name="Peer">Which peer.</param>
public sealed record TransferFaults(string Peer)
{
    /// <summary>Messages that are none.</summary>
    public long Malformed { get; init; }

    /// <summary>Chunks that nobody asked for, or that came twice.</summary>
    public long Unasked { get; init; }

    /// <summary>Chunks of another length than their name says.</summary>
    public long WrongLength { get; init; }

    /// <summary>Chunks with other bytes than their name says.</summary>
    public long WrongHash { get; init; }
}
