using Microsoft.Extensions.Logging;
using Notebook.Grains.Policies.Catalog;

namespace Notebook.Grains.Policies.Guards;

/// <summary>How much a plug-in's policy may take.</summary>
/// <param name="Decision">Real time for one decision.</param>
/// <param name="Hangs">Decisions that did not come in time until it is switched off. Each may have left a thread behind.</param>
/// <param name="AtOnce">Decisions under way at once.</param>
internal sealed record GuardLimits(TimeSpan Decision, int Hangs, int AtOnce)
{
    public static GuardLimits Default { get; } = new(TimeSpan.FromSeconds(1), Hangs: 3, AtOnce: 16);
}

/// <summary>
/// Stands in front of one plug-in's policy. When it throws, answers nonsense or does not answer, the built-in default of its
/// kind makes this decision, and the fault is counted and logged; one that hangs again and again is not asked any more until
/// the process is restarted. Safe for any thread.
/// </summary>
internal sealed partial class PolicyGuard(KnownPolicy policy, GuardLimits limits, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan s_betweenLogLines = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly string _thread = $"policy {policy.Name}";
    private int _underWay;
    private int _hangs;
    private long _faults;
    private string? _lastFault;
    private long _silent;              // faults since the last line in the log
    private DateTimeOffset? _logged;   // when that was
    private volatile bool _off;

    /// <summary>The policy's name; asking the policy itself might do anything.</summary>
    public string Name => policy.Name;

    /// <summary>How often it failed, and what the last fault was.</summary>
    public (long Count, string? Last) Faults
    {
        get
        {
            lock (_lock) return (_faults, _lastFault);
        }
    }

    /// <summary>The reason of a decision that the built-in policy made instead, as operators are to read it.</summary>
    public string Instead(string reason) => $"{policy.Kind.Default.Name} instead of {policy.Name}, which failed: {reason}";

    /// <summary>Has a decision made.</summary>
    /// <param name="ask">Asks the plug-in's policy.</param>
    /// <param name="nonsense">What is wrong with its answer; null when nothing is.</param>
    /// <param name="instead">Asks the built-in one.</param>
    public T Decide<T>(Func<T> ask, Func<T, string?> nonsense, Func<T> instead)
    {
        if (_off) return instead();
        var (decision, fault) = Ask(ask);
        fault ??= nonsense(decision!) is { } wrong ? $"its answer is no use: {wrong}" : null;
        if (fault is null) return decision!;
        Note(fault);
        return instead();
    }

    private (T? Decision, string? Fault) Ask<T>(Func<T> ask)
    {
        if (Interlocked.Increment(ref _underWay) > limits.AtOnce)
        {
            Interlocked.Decrement(ref _underWay);
            return (default, $"{limits.AtOnce} of its decisions are under way already");
        }

        var answer = ForeignCall.Run(_thread, ask, limits.Decision, () => Interlocked.Decrement(ref _underWay));
        if (!answer.IsLate) return (answer.Value, answer.Fault);
        if (Interlocked.Increment(ref _hangs) < limits.Hangs) return (default, answer.Fault);
        _off = true;
        return (default, $"{answer.Fault} for the {limits.Hangs}. time: it is switched off until the silo is restarted");
    }

    private void Note(string fault)
    {
        long silent;
        lock (_lock)
        {
            _faults++;
            _lastFault = fault;
            var now = time.GetUtcNow();
            if (now - _logged < s_betweenLogLines && !_off)
            {
                _silent++;
                return;
            }

            (silent, _silent, _logged) = (_silent, 0, now);
        }

        LogFault(policy.Kind.Name, policy.Name, policy.Origin, fault, policy.Kind.Default.Name, silent);
    }

    [LoggerMessage(EventId = 3401, Level = LogLevel.Warning,
        Message = "The {Kind} policy {Policy} of {File}: {Fault}; {Instead} decides instead ({Silent} more such since the last line)")]
    private partial void LogFault(string kind, string policy, string file, string fault, string instead, long silent);
}
