using Microsoft.Extensions.Logging;

namespace Notebook.Agent.Tests.Peers;

/// <summary>Keeps log lines for the test.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly Inbox<string> _lines = new();

    public Task<string> WithAsync(string part) =>
        _lines.NextAsync($"a log line with '{part}'", line => line.Contains(part, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));

    public void Dispose()
    {
    }
}
