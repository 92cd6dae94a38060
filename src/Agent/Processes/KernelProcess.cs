using System.Collections.Concurrent;
using Notebook.Agent.Processes.Memory;
using Notebook.Agent.State;
using Notebook.JupyterWire;
using Notebook.JupyterWire.Zmq;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Processes;

/// <summary>
/// One kernel process: talks to it over ZMQ, signs and verifies, asks it our own questions. Its life is
/// <see cref="ProcessState"/>; a restart of a kernel is a new one of these.
/// </summary>
internal sealed partial class KernelProcess
{
    private const int SignalInterrupt = 2;
    private const int SignalKill = 9;
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_foreignStartLimit = TimeSpan.FromSeconds(60);   // as long as Jupyter waits
    private static readonly TimeSpan s_stateLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_subscriptionLimit = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_interruptLimit = TimeSpan.FromSeconds(1);
    private const int MaxSubscriptionTries = 200;

    private readonly ZygoteChild _child;
    private readonly ProcessState _state;
    private readonly ProcessSockets _sockets;
    private readonly MessageBuilder _messages;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JupyterMessage>> _asked = new();
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ProcessExit> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ForeignKernel? _foreign;
    private volatile Action<JupyterFrame>? _receiver;
    private volatile string _session = "";   // of a kernel that is not ours
    private long _refused;

    private KernelProcess(ZygoteChild child, KernelConnection connection, ZmqContext zmq, TimeProvider time, ILogger log, ForeignKernel? foreign, MemorySocket? memory)
    {
        (_child, _time, _log, _foreign) = (child, time, log, foreign);
        _state = new ProcessState(child.Id);
        _messages = new MessageBuilder($"notebook-agent-{Guid.NewGuid():N}", "agent", time);
        _sockets = new ProcessSockets(zmq, connection, child.Id, OnReceived, OnMalformed, memory);
        _ = WatchAsync();
    }

    public string Id => _child.Id;

    public int ProcessId => _child.ProcessId;

    public ProcessPhase Phase => _state.Phase;

    /// <summary>Whether it says what its cells change, and takes in what others changed.</summary>
    public bool KeepsState => _foreign is null;

    /// <summary>Messages from the process that were dropped: wrong signature, or malformed.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Completes when the process has ended, and what it said before has been handed out.</summary>
    public Task<ProcessExit> Ended => _ended.Task;

    /// <summary>Connects to a forked process, and waits until it answers and its outputs arrive. Its memory socket is the result's, also when this fails.</summary>
    /// <exception cref="ProcessStartException">It does not.</exception>
    public static async Task<KernelProcess> ConnectAsync(
        ZygoteChild child, KernelConnection connection, ZmqContext zmq, TimeProvider time, ILogger log, CancellationToken cancel, ForeignKernel? foreign = null,
        MemorySocket? memory = null)
    {
        var process = new KernelProcess(child, connection, zmq, time, log, foreign, memory);
        var (channel, limit) = foreign is null ? (Channel.Control, s_answerLimit) : (Channel.Shell, s_foreignStartLimit);   // some know the shell alone
        try
        {
            // A publisher drops what it sends before it knows its subscriber: ask until an answer's status arrives.
            for (var tries = 0; !process._subscribed.Task.IsCompleted; tries++)
            {
                if (tries == MaxSubscriptionTries) throw new ProcessStartException("the kernel process answers, but its outputs do not arrive");
                await process.AskAsync(channel, process._messages.Build("kernel_info_request"), limit, cancel);
                await Task.WhenAny(process._subscribed.Task, Task.Delay(s_subscriptionLimit, time, cancel));
            }

            if (!process._state.Become(ProcessPhase.Warm)) throw new ProcessStartException((await process.Ended).ToString());
            return process;
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Makes the process a kernel's, and hands what it says to <paramref name="receiver"/> from now on.</summary>
    /// <exception cref="ProcessStartException">It died, or does not answer.</exception>
    public async Task AssignAsync(KernelAssignment assignment, Action<JupyterFrame> receiver, CancellationToken cancel)
    {
        if (_foreign is not null)
        {
            (_session, _receiver) = (assignment.Session, receiver);   // it was made for its kernel
            if (!_state.Become(ProcessPhase.Assigned)) throw new ProcessStartException((await Ended).ToString());
            return;
        }

        _receiver = receiver;
        var reply = await AskAsync(Channel.Control, _messages.Build("notebook_assign", assignment.Write), s_answerLimit, cancel);
        if (KernelAssignment.Fault(reply) is { } fault)
        {
            LogDirectoryRefused(Id, assignment.WorkingDirectory, fault);
            reply = await AskAsync(
                Channel.Control, _messages.Build("notebook_assign", (assignment with { WorkingDirectory = "" }).Write), s_answerLimit, cancel);
            if (KernelAssignment.Fault(reply) is { } second) throw new ProcessStartException($"the kernel process refused its assignment: {second}");
        }

        if (!_state.Become(ProcessPhase.Assigned)) throw new ProcessStartException((await Ended).ToString());
    }

    /// <summary>Sends a message; false when too many wait already.</summary>
    public bool TrySend(Channel channel, JupyterMessage message) => _sockets.TrySend(channel, message);

    /// <summary>Has a standby take in a change of the kernel's state, in order with everything else on its shell.</summary>
    /// <param name="inline">The change, or a snapshot.</param>
    /// <param name="acceptMissing">Whether values whose large memory is not on this server become placeholders that say so.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="ProcessStartException">It died, or does not answer.</exception>
    public async Task<ApplyAnswer> ApplyAsync(ReadOnlyMemory<byte> inline, bool acceptMissing, CancellationToken cancel)
    {
        var question = _messages.Build("notebook_apply", json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("blobs_in"u8);
            json.WriteEndArray();
            json.WriteBoolean("accept_missing"u8, acceptMissing);
            json.WriteEndObject();
        });
        question = question with { Buffers = [inline] };
        return ApplyAnswer.Read(await AskAsync(Channel.Shell, question, s_stateLimit, cancel));
    }

    /// <summary>Asks for the kernel's whole state.</summary>
    /// <exception cref="ProcessStartException">It died, or does not answer.</exception>
    public async Task<StateMessage> SnapshotAsync(CancellationToken cancel)
    {
        var reply = await AskAsync(Channel.Shell, _messages.Build("notebook_snapshot"), s_stateLimit, cancel);
        return StateMessage.Read(reply.Content.Span, reply.Buffers);
    }

    /// <summary>Asks what messages to comms have changed since its last cell.</summary>
    /// <exception cref="ProcessStartException">It died, or does not answer.</exception>
    public async Task<StateMessage> CaptureAsync(CancellationToken cancel)
    {
        var reply = await AskAsync(Channel.Shell, _messages.Build("notebook_capture"), s_stateLimit, cancel);
        return StateMessage.Read(reply.Content.Span, reply.Buffers);
    }

    /// <summary>Interrupts what it runs: by message, and when that is not answered within a second, by signal.</summary>
    public async Task InterruptAsync()
    {
        if (_foreign is { InterruptsByMessage: false })
        {
            await _child.SignalAsync(SignalInterrupt);
            return;
        }

        try
        {
            await AskAsync(Channel.Control, _messages.Build("interrupt_request"), s_interruptLimit, CancellationToken.None);
        }
        catch (ProcessStartException)
        {
            await _child.SignalAsync(SignalInterrupt);
        }
    }

    /// <summary>Detaches its debugger; whether that is answered or not.</summary>
    public async Task EndDebuggingAsync()
    {
        try
        {
            await AskAsync(Channel.Control, _messages.Build("debug_request", json =>
            {
                json.WriteStartObject();
                json.WriteString("type"u8, "request");
                json.WriteNumber("seq"u8, 0);
                json.WriteString("command"u8, "disconnect");
                json.WriteStartObject("arguments"u8);
                json.WriteBoolean("restart"u8, false);
                json.WriteBoolean("terminateDebuggee"u8, false);
                json.WriteEndObject();
                json.WriteEndObject();
            }), s_answerLimit, CancellationToken.None);
        }
        catch (ProcessStartException)
        {
            // It ends, and its debugger with it.
        }
    }

    /// <summary>Ends it and what it started, now.</summary>
    public void Kill() => _ = _child.SignalAsync(SignalKill);

    /// <summary>Asks it to end, and ends it when it has not after <paramref name="grace"/>. Nothing it says is handed out any more.</summary>
    public async Task RetireAsync(TimeSpan grace)
    {
        _receiver = null;
        TrySend(Channel.Control, _messages.Build("shutdown_request", json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("restart"u8, true);
            json.WriteEndObject();
        }));
        await Task.WhenAny(Ended, Task.Delay(grace, _time));
        Kill();
        await Ended;
    }

    private async Task<JupyterMessage> AskAsync(Channel channel, JupyterMessage question, TimeSpan limit, CancellationToken cancel)
    {
        var id = JupyterHeader.Parse(question.Header.Span).MessageId;
        var answer = new TaskCompletionSource<JupyterMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        try
        {
            if (!TrySend(channel, question)) throw new ProcessStartException("too many messages wait for the kernel process");
            var first = await Task.WhenAny(answer.Task, Ended).WaitAsync(limit, _time, cancel);
            return first == answer.Task ? await answer.Task : throw new ProcessStartException((await Ended).ToString());
        }
        catch (TimeoutException)
        {
            throw new ProcessStartException($"the kernel process did not answer within {limit.TotalSeconds:0} s");
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    private void OnReceived(Channel channel, FramedMessage framed)
    {
        if (!framed.SignatureIsRight)
        {
            Interlocked.Increment(ref _refused);
            LogRefused(Id, channel, "its signature is wrong");
            return;
        }

        var message = _foreign is not null && _receiver is not null ? ForeignKernel.InSession(framed.Message, _session) : framed.Message;
        var frame = ProcessMessage.ToFrame(channel, message);
        if (channel == Channel.Iopub) _subscribed.TrySetResult();
        if (frame.ParentSession != _messages.Session) _receiver?.Invoke(frame);
        else if (_asked.TryGetValue(frame.ParentId, out var asked) && channel is (Channel.Control or Channel.Shell)) asked.TrySetResult(framed.Message);
    }

    private void OnMalformed(Channel channel, JupyterFormatException e)
    {
        Interlocked.Increment(ref _refused);
        LogRefused(Id, channel, e.Message);
    }

    private async Task WatchAsync()
    {
        var exit = await _child.Exited;
        _sockets.Close();
        await _sockets.Ended;
        _state.Become(ProcessPhase.Dead);
        _ended.SetResult(exit);
        LogEnded(Id, ProcessId, exit);
    }

    [LoggerMessage(EventId = 3011, Level = LogLevel.Warning, Message = "Process {Id}: dropped a message on {Channel}: {Reason}")]
    private partial void LogRefused(string id, Channel channel, string reason);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Warning, Message = "Process {Id} cannot work in {Directory}: {Fault}; it stays in the agent's directory")]
    private partial void LogDirectoryRefused(string id, string directory, string fault);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Information, Message = "Process {Id} ({ProcessId}): {Exit}")]
    private partial void LogEnded(string id, int processId, ProcessExit exit);
}
