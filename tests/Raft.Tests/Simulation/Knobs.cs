namespace Notebook.Raft.Tests.Simulation;

/// <summary>How hard a run is. All of it comes from the seed, and is printed with it.</summary>
internal sealed record Knobs
{
    public required int Founders { get; init; }
    public required double Drop { get; init; }
    public required double Repeat { get; init; }
    public required int DelayMs { get; init; }
    public required double LongDelay { get; init; }
    public required int SyncMs { get; init; }

    /// <summary>How many of the servers have a slow disk, as a share.</summary>
    public required double SlowDisks { get; init; }

    /// <summary>How many of the new leaders are cut off or crash at once, as a share.</summary>
    public required double YoungLeadersHit { get; init; }

    /// <summary>How many of the writes that replace entries are hit by a crash before they are on disk, as a share.</summary>
    public required double RepairsHit { get; init; }

    /// <summary>How many of the crashes take other servers along, as a share.</summary>
    public required double CrashesOfMany { get; init; }

    public required int CrashEveryMs { get; init; }
    public required int PartitionEveryMs { get; init; }
    public required int ChangeEveryMs { get; init; }
    public required int TransferEveryMs { get; init; }
    public required int SnapshotEvery { get; init; }
    public required int KeepEntries { get; init; }
    public required RaftOptions Raft { get; init; }

    /// <summary>How young leaders are at most when that happens to them.</summary>
    public int YoungLeaderMs { get; init; } = 30;

    public int Clients { get; init; } = 4;
    public int FaultsMs { get; init; } = 4000;

    public static Knobs Draw(Random random) => new()
    {
        Founders = random.Next(8) switch { 0 => 1, 1 or 2 => 5, _ => 3 },
        Drop = Pick(random, 0, 0.01, 0.1),
        Repeat = Pick(random, 0, 0.05),
        DelayMs = random.Next(1, 15),
        LongDelay = Pick(random, 0, 0.02),
        SyncMs = random.Next(1, 25),
        SlowDisks = Pick(random, 0, 0.3),
        YoungLeadersHit = Pick(random, 0, 0.3, 0.7),
        CrashesOfMany = Pick(random, 0, 0.4),
        RepairsHit = Pick(random, 0, 0.5),
        CrashEveryMs = random.Next(100, 1000),
        PartitionEveryMs = random.Next(200, 1500),
        ChangeEveryMs = random.Next(50, 600),
        TransferEveryMs = random.Next(100, 1000),
        SnapshotEvery = random.Next(4, 40),
        KeepEntries = random.Next(0, 8),
        Raft = new RaftOptions
        {
            ElectionTicks = 10,
            HeartbeatTicks = random.Next(1, 4),
            RestAfterTicks = 12,
            MaxInFlight = random.Next(1, 8),
            MaxMessageBytes = random.Next(8, 200),
            SnapshotPieceBytes = random.Next(16, 400),
            MaxUncommittedEntries = random.Next(2, 50),
            MaxPendingReads = random.Next(1, 20),
            PromotionLag = random.Next(0, 6),
        },
    };

    /// <summary>
    /// The way to figure 8 of the paper: leaders fall before their first entry has got far, and entries travel alone.
    /// </summary>
    public Knobs TowardsFigure8() => this with
    {
        Founders = 5,
        Drop = 0,
        LongDelay = 0,
        DelayMs = 4,
        SyncMs = 1,
        SlowDisks = 0,
        YoungLeadersHit = 1,
        YoungLeaderMs = 12,
        ChangeEveryMs = 100_000,
        SnapshotEvery = int.MaxValue,
        Raft = Raft with { MaxMessageBytes = 1, MaxInFlight = 1 },
    };

    /// <summary>The way to writes that are cut in the middle: leaders are cut off, come back, and crash while they repair their logs.</summary>
    public Knobs TowardsTornWrites() => this with
    {
        Founders = 5,
        Drop = 0,
        YoungLeadersHit = 0.5,
        YoungLeaderMs = 100,
        RepairsHit = 1,
        ChangeEveryMs = 100_000,
        SnapshotEvery = int.MaxValue,
    };

    private static double Pick(Random random, params double[] choices) => choices[random.Next(choices.Length)];
}
