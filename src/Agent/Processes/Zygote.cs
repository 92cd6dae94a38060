using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Notebook.Agent.Kernels;
using Notebook.Hosting;

namespace Notebook.Agent.Processes;

/// <summary>
/// One fork server (<c>notebook_kernel.zygote</c>): makes kernel processes of one kernelspec in milliseconds, and says
/// at once when one ends. It dies with this process, however this process dies, and its children with it.
/// </summary>
internal sealed partial class Zygote : IAsyncDisposable
{
    private const int KeptLogLines = 20;
    private const int MaxLogLine = 1000;
    private const string EventStart = "{\"op\"";
    private const int Kill = 9;
    private static readonly TimeSpan s_readyLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(1);
    private readonly Process _process;
    private readonly ILogger _log;
    private readonly string _name;
    private readonly ConcurrentDictionary<string, ZygoteChild> _children = new();
    private readonly ConcurrentQueue<string> _lastLines = new();
    private readonly TaskCompletionSource<string?> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _writing = new(1);
    private readonly TimeProvider _time;
    private readonly Task _watching;
    private volatile bool _isGone;   // set before its children are ended: who adds one later ends it

    private Zygote(Process process, string name, TimeProvider time, ILogger log)
    {
        (_process, _name, _time, _log) = (process, name, time, log);
        _watching = WatchAsync(Task.WhenAll(ReadEventsAsync(), ReadLogAsync()));
    }

    /// <summary>Whether it still runs.</summary>
    public bool IsAlive => !_isGone;

    /// <summary>Starts a fork server for a kernelspec, and waits until it can fork.</summary>
    /// <exception cref="ProcessStartException">It does not come up.</exception>
    public static async Task<Zygote> StartAsync(LaunchableSpec spec, TimeProvider time, ILogger log, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(spec.Python, [.. spec.Flags, "-m", "notebook_kernel.zygote", Environment.CurrentDirectory])
        {
            WorkingDirectory = KernelPackage.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Strings hash by a seed, and sets are in the order of their hashes: a notebook that goes on at another server must
        // find them in the order in which it left them. So all servers have one seed, and what is said of it by whoever
        // runs the agent, or in the kernelspec, has to be said on all of them. It protects nothing here: the dictionaries
        // are filled by the user's own code.
        start.Environment.TryAdd("PYTHONHASHSEED", "0");
        start.Environment.Remove(ProcessHosting.ArrivingThreadVariable);
        foreach (var (name, value) in spec.Environment) start.Environment[name] = value;
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ProcessStartException($"{spec.Python} cannot be started: {e.Message}");
        }

        var zygote = new Zygote(process, spec.Name, time, log);
        if (await zygote.ReadyAsync(cancel) is { } reason)
        {
            await zygote.DisposeAsync();
            throw new ProcessStartException(reason);
        }

        zygote.LogStarted(spec.Name, process.Id);
        return zygote;
    }

    /// <summary>Forks a kernel process that serves the given connection file; waits until its sockets are there.</summary>
    /// <exception cref="ProcessStartException">It does not come up.</exception>
    public async Task<ZygoteChild> ForkAsync(string id, string connectionFile, CancellationToken cancel)
    {
        var child = new ZygoteChild(id, this);
        _children[id] = child;
        await SendAsync(new Order("fork", id, ConnectionFile: connectionFile));
        if (!IsAlive) End(child, ProcessExit.WithZygote);
        try
        {
            return await child.Started.WaitAsync(s_startLimit, _time, cancel);
        }
        catch (TimeoutException)
        {
            await SignalAsync(id, Kill);
            throw new ProcessStartException($"a kernel process of '{_name}' did not come up within {s_startLimit.TotalSeconds:0} s: {LastWords}");
        }
    }

    /// <summary>Starts another program as a child.</summary>
    /// <param name="id">Its name here.</param>
    /// <param name="arguments">The program and its arguments.</param>
    /// <param name="environment">Variables on top of this server's; <c>${NAME}</c> in them is a variable of the server's.</param>
    /// <param name="directory">Where it starts; empty for this process's.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="ProcessStartException">It cannot be started.</exception>
    public async Task<ZygoteChild> ExecuteAsync(
        string id, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string directory, CancellationToken cancel)
    {
        var child = new ZygoteChild(id, this);
        _children[id] = child;
        await SendAsync(new Order("exec", id, Arguments: arguments, Environment: environment, Directory: directory));
        if (!IsAlive) End(child, ProcessExit.WithZygote);
        return await child.Started.WaitAsync(s_startLimit, _time, cancel);
    }

    /// <summary>Signals a child's process group; nothing happens when it has ended.</summary>
    public Task SignalAsync(string id, int signal) => SendAsync(new Order("signal", id, Signal: signal));

    /// <summary>Ends the fork server and its children.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone, with orders that it has not read.
        }

        await Task.WhenAny(_watching, Task.Delay(s_endLimit, _time));
        if (!_watching.IsCompleted) _process.Kill();   // its children end with it
        await _watching;
        _process.Dispose();
    }

    /// <returns>Why it cannot be, or null.</returns>
    private async Task<string?> ReadyAsync(CancellationToken cancel)
    {
        try
        {
            return await _ready.Task.WaitAsync(s_readyLimit, _time, cancel);
        }
        catch (TimeoutException)
        {
            return $"the fork server of '{_name}' did not come up within {s_readyLimit.TotalSeconds:0} s: {LastWords}";
        }
    }

    /// <summary>
    /// Its end is the end of its process, not that of its pipes: a process that a notebook left behind may hold those open for
    /// ever. What was said before is read all the same.
    /// </summary>
    private async Task WatchAsync(Task reading)
    {
        await _process.WaitForExitAsync();
        await Task.WhenAny(reading, Task.Delay(s_drainLimit, _time));
        _isGone = true;
        _ready.TrySetResult($"the fork server of '{_name}' ended: {LastWords}");
        foreach (var child in _children.Values) End(child, ProcessExit.WithZygote);
    }

    private async Task SendAsync(Order order)
    {
        await _writing.WaitAsync();
        try
        {
            await _process.StandardInput.WriteAsync(JsonSerializer.Serialize(order) + "\n");
            await _process.StandardInput.FlushAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It is gone; its end is noticed where its events are read.
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadEventsAsync()
    {
        while (await ReadLineAsync(_process.StandardOutput) is { } line)
        {
            if (!line.StartsWith(EventStart, StringComparison.Ordinal))
            {
                KeepLine(line);   // something that Python runs at its start prints
                continue;
            }

            var e = JsonSerializer.Deserialize<Event>(line)!;
            _children.TryGetValue(e.Id ?? "", out var child);
            switch (e.Op)
            {
                case "ready":
                    _ready.TrySetResult(null);
                    break;
                case "failed" when child is null:
                    _ready.TrySetResult(e.Reason);
                    break;
                case "failed":
                    _children.TryRemove(child.Id, out _);
                    child.Fail(e.Reason ?? "the fork server gave no reason");
                    break;
                case "forked":
                    child?.Forked(e.ProcessId);
                    break;
                case "started":
                    child?.HasStarted();
                    break;
                case "exited" when child is not null:
                    End(child, new ProcessExit(e.Code, e.Signal));
                    break;
            }
        }
    }

    private static async Task<string?> ReadLineAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadLineAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return null;   // it was given up while somebody still held the other end
        }
    }

    private void End(ZygoteChild child, ProcessExit exit)
    {
        _children.TryRemove(child.Id, out _);
        child.End(exit, LastWords);
    }

    private string LastWords => _lastLines.IsEmpty ? "it said nothing" : string.Join(" | ", _lastLines);

    /// <summary>What Pythons write past ipykernel: their own start-up errors, and crashes.</summary>
    private async Task ReadLogAsync()
    {
        while (await ReadLineAsync(_process.StandardError) is { } line)
        {
            KeepLine(line);
        }
    }

    private void KeepLine(string line)
    {
        if (line.Length > MaxLogLine) line = line[..MaxLogLine];
        _lastLines.Enqueue(line);
        if (_lastLines.Count > KeptLogLines) _lastLines.TryDequeue(out _);
        LogLine(_name, line);
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Fork server of {Spec} is ready, process {ProcessId}")]
    private partial void LogStarted(string spec, int processId);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Debug, Message = "Python of {Spec}: {Line}")]
    private partial void LogLine(string spec, string line);

    private sealed record Order(
        [property: JsonPropertyName("op")] string Op,
        [property: JsonPropertyName("id")] string Id,
        [property: JsonPropertyName("connection_file"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        string? ConnectionFile = null,
        [property: JsonPropertyName("signal"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Signal = null,
        [property: JsonPropertyName("argv"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Arguments = null,
        [property: JsonPropertyName("environment"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? Environment = null,
        [property: JsonPropertyName("directory"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Directory = null);

    private sealed record Event(
        [property: JsonPropertyName("op")] string Op,
        [property: JsonPropertyName("id")] string? Id,
        [property: JsonPropertyName("pid")] int ProcessId,
        [property: JsonPropertyName("code")] int? Code,
        [property: JsonPropertyName("signal")] int? Signal,
        [property: JsonPropertyName("reason")] string? Reason);
}

/// <summary>A kernel process could not be started; one line says why.</summary>
internal sealed class ProcessStartException(string message) : Exception(message);
