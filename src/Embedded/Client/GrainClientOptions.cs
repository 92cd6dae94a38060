namespace Notebook.Embedded.Client;

/// <summary>How a grain client works.</summary>
public sealed class GrainClientOptions
{
    /// <summary>
    /// Makes a new connection to the silo; called whenever there is none. It should give up by itself when nobody answers.
    /// </summary>
    public required Func<CancellationToken, Task<IGrainTransport>> Dial { get; set; }

    /// <summary>How long callers wait for methods without a <see cref="Orleans.ResponseTimeoutAttribute"/>, the wait for a connection included.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Calls that may wait for answers, or for a connection; more are refused.</summary>
    public int MaxOutstandingCalls { get; set; } = 10_000;

    /// <summary>The pause after the first failed dial; it doubles with each.</summary>
    public TimeSpan FirstRedialDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause between dials.</summary>
    public TimeSpan LastRedialDelay { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>Whether a client can reach its silo.</summary>
public enum GrainClientState
{
    /// <summary>It dials.</summary>
    Disconnected,

    /// <summary>Calls go through.</summary>
    Connected,

    /// <summary>It was closed, for good.</summary>
    Closed,
}
