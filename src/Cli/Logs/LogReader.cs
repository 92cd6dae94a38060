using Notebook.Hosting;

namespace Notebook.Cli.Logs;

/// <summary>Which events to show.</summary>
/// <param name="Process">Of this process only; null for all.</param>
/// <param name="Kernel">About this kernel only; null for all.</param>
internal sealed record LogFilter(string? Process, string? Kernel)
{
    /// <summary>Whether to show an event.</summary>
    public bool Shows(LogLine line) => (Process is null || line.IsOf(Process)) && (Kernel is null || line.IsAbout(Kernel));
}

/// <summary>Reads all logs of a data directory as one, in the order of time.</summary>
internal sealed class LogReader(DataDirectory data, LogFilter filter)
{
    private readonly Dictionary<string, LogFile> _files = [];

    /// <summary>The last <paramref name="count"/> events so far, oldest first. Later calls of <see cref="Next"/> go on from there.</summary>
    public IReadOnlyList<LogLine> Tail(int count)
    {
        // Each file is in order, so the last events of all are among the last of each.
        var last = new List<LogLine>();
        foreach (var file in Files())
        {
            var tail = new Queue<LogLine>();
            foreach (var line in file.ReadNew().Where(filter.Shows))
            {
                tail.Enqueue(line);
                if (tail.Count > count) tail.Dequeue();
            }

            last.AddRange(tail);
        }

        return [.. last.OrderBy(line => line.Time).TakeLast(count)];
    }

    /// <summary>The events since the last call, oldest first.</summary>
    public IReadOnlyList<LogLine> Next() =>
        [.. Files().SelectMany(file => file.ReadNew()).Where(filter.Shows).OrderBy(line => line.Time)];

    private List<LogFile> Files()
    {
        var present = Directory.EnumerateFiles(data.Logs, "*.log").ToList();
        foreach (var gone in _files.Keys.Except(present).ToList()) _files.Remove(gone);   // the oldest go when new ones come
        foreach (var path in present) _files.TryAdd(path, new LogFile(path));
        return [.. _files.Values];
    }
}
