using Microsoft.Extensions.Logging;

namespace Notebook.Simulator.Runs;

/// <summary>
/// Writes what grains log, one line for each message: the time since the trace's beginning, the level's letter, who, what. The same
/// run writes the same lines.
/// </summary>
/// <param name="to">Where to; it is not closed.</param>
/// <param name="clock">The simulated time.</param>
/// <param name="start">When the trace begins.</param>
internal sealed class RunLog(TextWriter to, TimeProvider clock, DateTimeOffset start) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The writer is the caller's.
    }

    private void Write(char level, string category, string message, Exception? exception)
    {
        var time = clock.GetUtcNow() - start;
        var sign = time < TimeSpan.Zero ? "-" : "";
        var cause = exception is null ? "" : $" [{exception.GetType().Name}: {exception.Message}]";
        var line = FormattableString.Invariant($"{sign}{(long)Math.Abs(time.TotalHours)}:{time:mm\\:ss\\.ffffff} {level} {category}: {message}{cause}");
        to.Write($"{line.ReplaceLineEndings(" ")}\n");
    }

    private sealed class Category(RunLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write(logLevel.ToString()[0], name, formatter(state, exception), exception);
    }
}
