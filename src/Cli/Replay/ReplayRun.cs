using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;

namespace Notebook.Cli.Replay;

/// <summary>A trace played on a running platform, all sessions at once, in open loop.</summary>
/// <param name="platform">The platform.</param>
/// <param name="trace">The trace, in the time in which it is played.</param>
/// <param name="part">The part of the original trace that it is; null for all.</param>
/// <param name="speed">How many times faster than the original it is.</param>
/// <param name="time">The clock.</param>
internal sealed class ReplayRun(ReplayPlatform platform, Trace trace, TraceWindow? part, double speed, TimeProvider time)
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(10);

    /// <summary>Sessions that could not be played to their end, and why.</summary>
    public ImmutableArray<string> Faults { get; private set; } = [];

    /// <summary>Plays it, and returns when all cells have ended, at most ten minutes after the trace's end.</summary>
    /// <param name="kernelSpec">Of which kernelspec the kernels are.</param>
    /// <param name="status">What the platform said of itself before.</param>
    /// <param name="progress">Told once a second how many cells have ended, and since when it plays.</param>
    /// <param name="cancel">Ends it early: what there is stays, and is said to be partial.</param>
    public async Task<RunFacts> PlayAsync(string kernelSpec, JsonObject status, Action<int, TimeSpan> progress, CancellationToken cancel)
    {
        var clock = new ReplayClock(time, time.GetUtcNow() + ReplaySession.Lead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var watching = new CancellationTokenSource();
        ImmutableArray<ReplaySession> sessions = [.. trace.Sessions.Select(session => new ReplaySession(platform, session, kernelSpec, clock, time))];
        var watch = new ClusterWatch(platform, clock, time);
        var watched = watch.RunAsync(watching.Token);
        stop.CancelAfter(ReplaySession.Lead + trace.Length + s_grace);
        var playing = Task.WhenAll(sessions.Zip(trace.Sessions).Select(session => session.First.RunAsync(trace.ReservedUntil(session.Second), stop.Token)));
        while (await Task.WhenAny(playing, Task.Delay(s_look, time, CancellationToken.None)) != playing) progress(Ended(sessions), clock.Now);
        await playing;
        await watching.CancelAsync();
        await watched;
        progress(Ended(sessions), clock.Now);
        Faults = [.. from session in sessions.Zip(trace.Sessions) where session.First.Fault is not null select $"session {session.Second.Session}: {session.First.Fault}"];
        return Facts(sessions, watch, status, cancel.IsCancellationRequested, clock.Now);
    }

    private static int Ended(ImmutableArray<ReplaySession> sessions) => sessions.Sum(session => session.Cells.Count(cell => cell.Ended is not null));

    private RunFacts Facts(ImmutableArray<ReplaySession> sessions, ClusterWatch watch, JsonObject status, bool isPartial, TimeSpan now)
    {
        var cells = sessions.SelectMany(session => session.Cells).Where(cell => cell.IsSubmitted || !isPartial).ToList();
        StepSeries Running(Func<ReplayedCell, double> value) => StepSeries.OfIntervals(
            from cell in cells where cell.Began is not null select (cell.Began!.Value, cell.CodeEnded ?? cell.Ended ?? now, value(cell)));
        return new RunFacts
        {
            Regime = (string?)status["regime"] ?? "unknown",
            Policies = [.. (status["policies"] as JsonArray ?? []).Select(policy => new RunParameter((string?)policy?["kind"] ?? "", (string?)policy?["name"] ?? ""))],
            Trace = trace.Name,
            Window = part,
            Seed = 0,
            ReplicasPerKernel = watch.Replicas,
            Parameters =
            [
                new("platform", "real"),
                new("speed", speed.ToString("0.######", CultureInfo.InvariantCulture)),
                new("loop", "open"),
                new("lead_s", ReplaySession.Lead.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
            ],
            End = isPartial && now < trace.Length ? now : trace.Length,
            IsPartial = isPartial,
            Cells = [.. cells.Select(cell => cell.Fact())],
            Series = watch.Series with
            {
                ReservedGpus = trace.Reserved(),
                BusyGpus = Running(cell => cell.Traced.Gpus),
                RunningCells = Running(_ => 1),
                Sessions = StepSeries.OfIntervals(
                    from session in sessions where session.KernelFrom is not null select (session.KernelFrom!.Value, session.KernelUntil ?? now, 1.0)),
            },
            Counters = [new("refused_starts", sessions.Sum(session => session.RefusedStarts))],
        };
    }
}
