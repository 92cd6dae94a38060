using System.Diagnostics;

namespace Notebook.Bench;

/// <summary>Says on standard error how far a benchmark is: each step at most once in two seconds, so that saying it costs nothing.</summary>
internal sealed class Progress(string title)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);
    private long _last;

    /// <summary>A new stage begins.</summary>
    public void Stage(string what)
    {
        _last = Stopwatch.GetTimestamp();
        Console.Error.WriteLine($"{title}: {what}");
    }

    /// <summary>So many of so many are done.</summary>
    public void Step(string what, int done, int of)
    {
        if (Stopwatch.GetElapsedTime(_last) >= s_pause) Stage($"{what}, {done} of {of}");
    }
}
