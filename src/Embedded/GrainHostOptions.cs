using System.Reflection;

namespace Notebook.Embedded;

/// <summary>How an embedded grain host works.</summary>
public sealed class GrainHostOptions
{
    /// <summary>Where grain classes are looked for.</summary>
    public IList<Assembly> GrainAssemblies { get; } = [];

    /// <summary>The SQLite file that keeps grain state and reminders; null keeps them in memory only.</summary>
    public string? DatabasePath { get; set; }

    /// <summary>How long callers wait for methods without a <see cref="Orleans.ResponseTimeoutAttribute"/>.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a grain may be idle before its activation ends.</summary>
    public TimeSpan IdleLimit { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often idle grains are looked for.</summary>
    public TimeSpan IdleScanPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a grain may take to become active.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a grain may take to end.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the host waits for its grains to end when it stops; calls that still run then are given up.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Calls that may wait at one grain or observer; more are refused.</summary>
    public int MaxQueuedCallsPerGrain { get; set; } = 10_000;

    /// <summary>The shortest period of a reminder.</summary>
    public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether grain interfaces are checked for arguments and results that could be changed after they are passed.</summary>
    public bool CheckImmutability { get; set; } = IsDebugBuild;

    private static bool IsDebugBuild =>
#if DEBUG
        true;
#else
        false;
#endif

    /// <summary>When turns run.</summary>
    public ITurnScheduler Scheduler { get; set; } = new ThreadPoolTurnScheduler();
}
