namespace Notebook.Gateway;

/// <summary>What an operator sets, with the bounds of everything that could grow.</summary>
internal sealed record GatewayOptions
{
    /// <summary>What clients must show.</summary>
    public required string Token { get; init; }

    /// <summary>The origins of web pages that may call us beside our own, <c>*</c> for any.</summary>
    public ImmutableArray<string> AllowOrigins { get; init; } = [];

    /// <summary>A pattern of more such origins; null for none.</summary>
    public string? AllowOriginPattern { get; init; }

    /// <summary>Where our paths begin, such as <c>/lab</c>; empty for the root.</summary>
    public string BaseUrl { get; init; } = "";

    /// <summary>The largest message that a client may send.</summary>
    public long MaxMessageBytes { get; init; } = 512L << 20;

    /// <summary>How many messages a second are taken from one WebSocket; 0 for any number.</summary>
    public int MessagesPerSecond { get; init; }

    /// <summary>
    /// The largest display that is sent to clients of the default framing that say nothing themselves, 0 for any; null for what
    /// is known of each: Jupyter servers that use us by <c>--gateway-url</c> break on more than 10 MiB, others do not.
    /// </summary>
    public long? LegacyMaxMessageBytes { get; init; }

    /// <summary>Where outputs are kept that were too large for a client.</summary>
    public required string OutputsFolder { get; init; }

    /// <summary>How much is kept there.</summary>
    public long KeptOutputBytes { get; init; } = 1L << 30;

    /// <summary>How much output of one kernel is kept here for clients that read slowly or come back.</summary>
    public long OutputLogBytes { get; init; } = 32L << 20;

    /// <summary>How much of what a kernel's last cells have said is kept for pages that are loaded anew.</summary>
    public long RecentBytes { get; init; } = 8L << 20;

    /// <summary>How much may wait for a kernel that cannot take messages yet.</summary>
    public long HeldBytes { get; init; } = 64L << 20;

    /// <summary>How many messages may wait for a kernel that cannot take messages yet.</summary>
    public int HeldMessages { get; init; } = 1000;

    /// <summary>How many cells of one kernel may be outstanding.</summary>
    public int OutstandingCells { get; init; } = 1000;

    /// <summary>How many bytes the outstanding cells of one kernel may have.</summary>
    public long OutstandingBytes { get; init; } = 256L << 20;

    /// <summary>Whether a cell that waits for GPUs says so in its output; its kernel may be quiet all the same.</summary>
    public bool WaitNotices { get; init; } = true;

    /// <summary>How long a cell waits before it says so.</summary>
    public TimeSpan WaitNoticeAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How much time lies at least between two words of one cell on what it waits for.</summary>
    public TimeSpan WaitNoticeEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may take to take a piece of at most 1 MiB; for a larger one so much longer.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The address that ZMQ ports of kernels are opened at.</summary>
    public string ZmqAddress { get; init; } = "127.0.0.1";

    /// <summary>Where the connection files of kernels with ZMQ ports are kept.</summary>
    public required string ConnectionsFolder { get; init; }

    /// <summary>How many kernels may have ZMQ ports; each has five of them, and a thread.</summary>
    public int MaxDoors { get; init; } = 1000;

    /// <summary>How long outputs are kept for a session whose connection broke.</summary>
    public TimeSpan DepartedFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a kernel's grain is asked anew for its view and for word of changes; it forgets a subscriber after two minutes.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often kernels are looked over: subscriptions, clients that do not read, sessions that stay away.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(5);
}
