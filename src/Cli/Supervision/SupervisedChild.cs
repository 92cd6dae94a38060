using System.ComponentModel;
using System.Diagnostics;
using Notebook.Hosting;
using Notebook.Hosting.Processes;
using Serilog;

namespace Notebook.Cli.Supervision;

/// <summary>
/// Keeps one process running: starts it, waits for its line <c>ready ...</c>, starts it again when it dies
/// (<see cref="RestartPolicy"/>), and ends it. A process that fails before it was ever ready is not started again:
/// its fault is the answer to the person who started the platform.
/// </summary>
internal sealed class SupervisedChild(ChildSpec spec, ILogger log, TimeProvider time, Action changed) : IDisposable
{
    private const int TailLines = 40;
    private const int CannotBeStarted = 127;

    private readonly RestartPolicy _policy = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<string> _tail = [];
    private volatile ChildRecord _record = new(spec.Role, spec.Id, spec.Address, ChildState.Starting, null);
    private Task _run = Task.CompletedTask;

    /// <summary>What it is.</summary>
    public ChildSpec Spec => spec;

    /// <summary>What it is doing now.</summary>
    public ChildRecord Record => _record;

    /// <summary>Completes when it is ready for the first time; fails with <see cref="UserException"/> when it never will be.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Starts it. Call once.</summary>
    public void Start() => _run = KeepRunningAsync();

    /// <summary>Ends it and all that it started, and does not start it again.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        if (_record.Process is { } process) await ProcessEnding.EndAsync(process, ProcessEnding.Grace, time);
        await _run;
        Become(ChildState.Stopped, null);
    }

    public void Dispose() => _stop.Dispose();

    private async Task KeepRunningAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            var exitCode = await RunOnceAsync();
            if (_stop.IsCancellationRequested) return;

            var why = Explain(exitCode);
            if (_ready.TrySetException(new UserException(why, exitCode is > 0 and < 128 ? exitCode : ExitCodes.Failed)))
            {
                Become(ChildState.Failed, null);
                return;
            }

            switch (_policy.Ended(time.GetElapsedTime(started)))
            {
                case RestartDecision.GiveUp(var failures):
                    log.Error("{Child} failed {Failures} times in a row and is not started again: {Reason}", spec.Id, failures, why);
                    Become(ChildState.Failed, null);
                    return;
                case RestartDecision.After(var delay):
                    log.Warning("{Child} died and starts again in {Seconds} s: {Reason}", spec.Id, delay.TotalSeconds, why);
                    Become(ChildState.Restarting, null);
                    await Task.Delay(delay, time, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                    break;
            }
        }
    }

    private async Task<int> RunOnceAsync()
    {
        lock (_tail) _tail.Clear();
        using var process = new Process { StartInfo = StartInfo() };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            Keep(e.Message);
            return CannotBeStarted;
        }

        process.StandardInput.Close();
        Become(ChildState.Starting, ProcessIdentity.Of(process.Id));
        log.Information("{Child} started as process {Pid}", spec.Id, process.Id);

        // What it had started may hold its pipes open after its end, so the readers are not waited for.
        var output = ReadLinesAsync(process.StandardOutput, line =>
        {
            if (!line.StartsWith("ready ", StringComparison.Ordinal)) return;
            Become(ChildState.Up, _record.Process);
            _ready.TrySetResult();
        });
        var errors = ReadLinesAsync(process.StandardError, Keep);
        if (_stop.IsCancellationRequested && _record.Process is { } late) late.Signal(Posix.Terminate);   // told to end while it started

        await process.WaitForExitAsync(CancellationToken.None);
        await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(TimeSpan.FromSeconds(2), time));
        return process.ExitCode;
    }

    private ProcessStartInfo StartInfo()
    {
        var info = new ProcessStartInfo(spec.Command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in spec.Command.Skip(1)) info.ArgumentList.Add(argument);
        foreach (var (name, value) in spec.Environment) info.Environment[name] = value;
        return info;
    }

    private static async Task ReadLinesAsync(StreamReader reader, Action<string> line)
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
            _tail.Enqueue(line.Length > 1000 ? line[..1000] : line);
            if (_tail.Count > TailLines) _tail.Dequeue();
        }
    }

    private string Explain(int exitCode)
    {
        lock (_tail) return StartFailure.Explain(spec.Id, exitCode, _tail);
    }

    private void Become(ChildState state, ProcessIdentity? process)
    {
        _record = _record with { State = state, Process = process };
        changed();
    }
}
