namespace Notebook.TestKit;

/// <summary>
/// Many seeds on many threads. Seeds are begun in order, and those that run when one fails are run to their end: so the
/// failure that is told is that of the lowest seed, whatever the threads' pace.
/// </summary>
public static class SeedRun
{
    /// <summary>Runs seeds until one fails, or to the end.</summary>
    /// <typeparam name="T">What is known of a failure.</typeparam>
    /// <param name="first">The first seed.</param>
    /// <param name="seeds">How many.</param>
    /// <param name="workers">On how many threads.</param>
    /// <param name="check">Runs one seed, on any of them; null when it passed.</param>
    /// <param name="passed">Called after each seed that passed, one call at a time.</param>
    /// <returns>The failure of the lowest seed that failed; null when none did.</returns>
    public static T? LowestFailure<T>(int first, int seeds, int workers, Func<int, T?> check, Action passed) where T : class
    {
        var gate = new Lock();
        var (next, end) = ((long)first, (long)first + seeds);
        (int Seed, T Failure)? lowest = null;

        void Work()
        {
            while (Take() is { } seed) Tell(seed, check(seed));
        }

        int? Take()
        {
            lock (gate) return lowest is null && next < end ? (int)next++ : null;
        }

        void Tell(int seed, T? failure)
        {
            lock (gate)
            {
                if (failure is null) passed();
                else if (lowest is null || seed < lowest.Value.Seed) lowest = (seed, failure);
            }
        }

        Thread[] threads = [.. Enumerable.Range(0, workers).Select(_ => new Thread(Work))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return lowest?.Failure;
    }
}
