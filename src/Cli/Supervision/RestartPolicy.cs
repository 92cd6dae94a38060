namespace Notebook.Cli.Supervision;

/// <summary>What to do about a child that ended by itself.</summary>
internal abstract record RestartDecision
{
    /// <summary>Start it again after a while.</summary>
    /// <param name="Delay">How long; zero for at once.</param>
    public sealed record After(TimeSpan Delay) : RestartDecision;

    /// <summary>It has failed too often to be worth another try.</summary>
    /// <param name="Failures">How often in a row.</param>
    public sealed record GiveUp(int Failures) : RestartDecision;
}

/// <summary>
/// Decides when a child that died starts again: at once the first time, then after 0.5, 1, 2, 4, 5, 5, ... seconds. One
/// that ran for <see cref="LongRun"/> starts with a clean slate. After <see cref="FailuresMax"/> quick failures in a row
/// it is given up, so that a fault that does not go away is said aloud instead of retried for ever.
/// </summary>
internal sealed class RestartPolicy
{
    public const int FailuresMax = 20;
    public static readonly TimeSpan LongRun = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(5);

    private int _failures;

    /// <summary>The child ended after it had run for <paramref name="uptime"/>.</summary>
    public RestartDecision Ended(TimeSpan uptime)
    {
        if (uptime >= LongRun) _failures = 0;
        _failures++;
        if (_failures > FailuresMax) return new RestartDecision.GiveUp(FailuresMax);
        if (_failures == 1) return new RestartDecision.After(TimeSpan.Zero);
        var delay = TimeSpan.FromSeconds(0.5 * Math.Pow(2, _failures - 2));
        return new RestartDecision.After(delay < DelayMax ? delay : DelayMax);
    }
}
