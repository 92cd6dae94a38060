namespace Notebook.Objects.Transfer;

/// <summary>Limits of the transfer of chunks between two agents. Both ends may have their own.</summary>
public sealed record TransferLimits
{
    /// <summary>Most bytes that a receiver has asked for and not yet stored; one chunk may be in flight in any case.</summary>
    public int WindowBytes { get; init; } = 8 << 20;

    /// <summary>Most chunks that a receiver has asked for and not yet stored, up to <see cref="TransferMessage.MaxChunks"/>.</summary>
    public int WindowChunks { get; init; } = 256;

    /// <summary>Most chunks that a receiver means to ask for. It ignores offers beyond; they are repeated.</summary>
    public int MaxPending { get; init; } = 1 << 16;

    /// <summary>Most chunks of one priority or more urgent that a sender has offered without an answer yet; the others wait.</summary>
    public int MaxOpenOffers { get; init; } = 4096;

    /// <summary>Most chunks that a sender has to offer, all in all: 32 GiB in chunks of 128 KiB.</summary>
    public int MaxOffered { get; init; } = 1 << 18;

    /// <summary>Most chunks that a sender was asked for and has not sent. It ignores wants beyond; they are repeated.</summary>
    public int MaxWanted { get; init; } = 4096;

    /// <summary>How long nothing may come from the peer before offers and wants are repeated.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often one chunk is asked for before the peer counts as one that cannot give it.</summary>
    public int MaxAttempts { get; init; } = 8;

    /// <summary>How long a receiver without room wants nothing.</summary>
    public TimeSpan FullPause { get; init; } = TimeSpan.FromSeconds(10);
}
