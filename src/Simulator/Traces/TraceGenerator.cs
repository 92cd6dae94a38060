namespace Notebook.Simulator.Traces;

/// <summary>
/// Makes traces of any size that are like the June trace in their statistics. A session draws its kind, its GPUs and the number
/// of its cells, then durations and pauses cell by cell. A person who works in long steps goes on so for a while: a session has
/// a place of its own among the durations, and one among the pauses, and its cells lie around it. A session starts at any
/// time that lets it end before the trace does; one that is too long starts on the first day, or in the first quarter of a
/// short trace, and is cut off at the end. All times are whole minutes. The same size
/// and seed give the same trace on every machine.
/// </summary>
public static class TraceGenerator
{
    // How far a cell lies from its session's place, as a share of the whole distribution; 1 would be no session at all.
    private const double Spread = 0.7;

    private const long MinutesOfDay = 24 * 60;

    /// <summary>Makes a trace.</summary>
    /// <param name="size">How large.</param>
    /// <param name="seed">What chance comes from.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is out of its bounds.</exception>
    public static Trace Make(TraceSize size, long seed)
    {
        size.Check();
        var plans = Enumerable.Range(0, size.Sessions).Select(session => SessionPlan.Draw(SplitMix64.Of(seed, session))).ToList();
        var stretch = size.Cells is { } cells ? (double)cells / plans.Sum(plan => (long)plan.Cells) : 1;
        var length = (long)size.Length.TotalMinutes;
        var sessions = plans
            .Select(plan => Cells(plan, Math.Max(1, (int)(plan.Cells * stretch + 0.5)), length))
            .OrderBy(session => session[0].Submit)
            .Select((session, number) => session.Select(cell => cell with { Session = number }));
        return new Trace($"synthetic-{size.Sessions}-sessions-{size.Length.TotalHours:0.##}h", sessions.SelectMany(session => session));
    }

    private static List<TraceCell> Cells(SessionPlan plan, int count, long length)
    {
        var (kind, chance) = (plan.Kind, plan.Chance);
        var (pace, rest) = (chance.Share(), chance.Share());
        var steps = new List<(long At, long Duration)>(count);
        var at = 0L;
        while (steps.Count < count && at < length)
        {
            var duration = 1 + Round(SessionKind.Stretch(plan.Gpus) * (kind.DurationMinutes.At(Near(pace, chance)) - 1));
            steps.Add((at, duration));
            at += duration + Round(kind.PauseMinutes.At(Near(rest, chance)));
        }
        var end = steps[^1].At + steps[^1].Duration;
        var start = (long)(chance.Share() * Math.Max(length - end, Math.Min(length / 4, MinutesOfDay)));
        return [.. steps
            .Select(step => (At: start + step.At, step.Duration))
            .TakeWhile(step => step.At < length)
            .Select(step => new TraceCell(
                0, TimeSpan.FromMinutes(step.At), TimeSpan.FromMinutes(Math.Min(step.Duration, length - step.At)), plan.Gpus))];
    }

    // Reflected at both ends, which keeps the places of all sessions' cells together as even as those of the sessions.
    private static double Near(double place, SplitMix64 chance)
    {
        var share = Math.Abs(place + Spread * (2 * chance.Share() - 1));
        return share > 1 ? 2 - share : share;
    }

    private static long Round(double minutes) => (long)(minutes + 0.5);

    private sealed record SessionPlan(SessionKind Kind, int Gpus, int Cells, SplitMix64 Chance)
    {
        internal static SessionPlan Draw(SplitMix64 chance)
        {
            var kind = SessionKind.June[Pick([.. SessionKind.June.Select(kind => kind.Weight)], chance)];
            var gpus = kind.Gpus[Pick([.. kind.Gpus.Select(size => size.Weight)], chance)].Gpus;
            return new SessionPlan(kind, gpus, (int)Round(kind.Cells.At(chance.Share())), chance);
        }

        private static int Pick(ReadOnlySpan<int> weights, SplitMix64 chance)
        {
            var left = 0;
            foreach (var weight in weights) left += weight;
            left = (int)(chance.Share() * left);
            var i = 0;
            while (left >= weights[i]) left -= weights[i++];
            return i;
        }
    }
}
