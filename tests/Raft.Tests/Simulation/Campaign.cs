namespace Notebook.Raft.Tests.Simulation;

/// <summary>
/// Many seeds on many threads. Seeds are begun in order, and those that run when one fails are run to their end: so the
/// failure that is told is that of the lowest seed, whatever the threads' pace.
/// </summary>
internal static class Campaign
{
    /// <summary>Runs one seed in all simulations; null when no rule was broken.</summary>
    public static SeedFailure? Check(int seed)
    {
        foreach (var kind in SimulationKind.All)
            if (kind.FailureOf(seed) is { } failure) return failure;
        return null;
    }

    /// <summary>Runs seeds until one fails, or to the end.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="seeds">How many.</param>
    /// <param name="workers">On how many threads.</param>
    /// <param name="check">Runs one seed, on any of them.</param>
    /// <param name="passed">Called after each seed that passed, one call at a time.</param>
    public static SeedFailure? Run(int first, int seeds, int workers, Func<int, SeedFailure?> check, Action passed)
    {
        var gate = new Lock();
        var (next, end) = ((long)first, (long)first + seeds);
        SeedFailure? lowest = null;

        void Work()
        {
            while (Take() is { } seed) Tell(check(seed));
        }

        int? Take()
        {
            lock (gate) return lowest is null && next < end ? (int)next++ : null;
        }

        void Tell(SeedFailure? failure)
        {
            lock (gate)
            {
                if (failure is null) passed();
                else if (lowest is null || failure.Seed < lowest.Seed) lowest = failure;
            }
        }

        Thread[] threads = [.. Enumerable.Range(0, workers).Select(_ => new Thread(Work))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return lowest;
    }
}
