using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using Notebook.Hosting.Processes;

namespace Notebook.Silo.Provisioning;

/// <summary>
/// An agent process that this silo started. Its pipes are read as long as both live; the agent also lives on when the silo
/// does not.
/// </summary>
internal sealed class LocalAgent
{
    private const int TailLines = 40;
    private const int LongestLine = 1000;

    private readonly Process _process;
    private readonly string _id;
    private readonly TimeProvider _time;
    private readonly Queue<string> _tail = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LocalAgent(Process process, string id, TimeProvider time)
    {
        (_process, _id, _time) = (process, id, time);
        Identity = ProcessIdentity.Of(process.Id);
    }

    /// <summary>Its process; null when it had ended before it could be looked at.</summary>
    public ProcessIdentity? Identity { get; }

    /// <summary>Completes with null when it listens, and with what went wrong when it ended before.</summary>
    public Task<string?> Started { get; private set; } = Task.FromResult<string?>(null);

    /// <summary>Starts it.</summary>
    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    public static LocalAgent Start(string id, ImmutableArray<string> command, TimeProvider time)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        process.StandardInput.Close();
        var agent = new LocalAgent(process, id, time);
        agent.Started = agent.FollowAsync();
        return agent;
    }

    private async Task<string?> FollowAsync()
    {
        var output = ReadAsync(_process.StandardOutput, line =>
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal)) _ready.TrySetResult();
        });
        var errors = ReadAsync(_process.StandardError, Keep);
        var ended = _process.WaitForExitAsync(CancellationToken.None);
        if (await Task.WhenAny(_ready.Task, ended) == _ready.Task) return null;

        await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(TimeSpan.FromSeconds(1), _time));
        lock (_tail) return StartFailure.Explain($"the agent of server {_id}", _process.ExitCode, _tail);
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> line)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } text) line(text);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Its pipe closed with it.
        }
    }

    private void Keep(string line)
    {
        lock (_tail)
        {
            _tail.Enqueue(line.Length > LongestLine ? line[..LongestLine] : line);
            if (_tail.Count > TailLines) _tail.Dequeue();
        }
    }
}
