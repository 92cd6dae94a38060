using System.Collections.Immutable;
using System.Diagnostics;
using Notebook.Cli.Supervision;
using Notebook.Hosting.Processes;
using Serilog;

namespace Notebook.Cli.Tests.Supervision;

/// <summary>Small shell programs in the place of the platform's processes.</summary>
internal static class Dummies
{
    public static readonly ILogger NoLog = new LoggerConfiguration().CreateLogger();

    public static ChildSpec Child(string role, string id, string script) =>
        new(role, id, "http://127.0.0.1:1/", ["/bin/sh", "-c", script], ImmutableDictionary<string, string>.Empty);

    /// <summary>A process that says that it is ready and has a child of its own.</summary>
    public static ChildSpec WithChild(string role, string id) => Child(role, id, "sleep 600 & echo ready here; wait");

    /// <summary>Waits for what the code announces by <paramref name="announced"/>.</summary>
    public static async Task UntilAsync(SemaphoreSlim announced, Func<bool> condition, string what)
    {
        while (!condition())
            if (!await announced.WaitAsync(TimeSpan.FromSeconds(20))) throw new TimeoutException($"never came: {what}");
    }

    /// <summary>Starts a process outside any supervisor, and waits for its first line.</summary>
    public static async Task<ProcessIdentity> StartAsync(string script)
    {
        var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadLineAsync();
        return ProcessIdentity.Of(process.Id)!;
    }
}
