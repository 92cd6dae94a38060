using System.Collections.Immutable;
using System.Globalization;
using Notebook.Contracts;
using Notebook.Embedded.Virtual;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;
using Orleans.Runtime;

namespace Notebook.Simulator.Runs;

/// <summary>
/// One notebook session with its gateway: starts a kernel, submits the cells of the trace, hears how they end, shuts the kernel
/// down. It submits a cell again whenever it is unsure that the kernel knows it, as gateways do.
/// </summary>
internal sealed class SessionDriver : IKernelObserver
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_subscription = TimeSpan.FromSeconds(90);   // of the two minutes for which it holds

    private readonly SimulationRun _run;
    private readonly TraceSession _session;
    private readonly CellState[] _cells;
    private readonly Dictionary<string, CellState> _byMessage;
    private readonly List<CellState> _open = [];          // submitted, and without a reply
    private readonly TimeSpan _firstCheck;
    private DateTimeOffset _subscribed;
    private IKernelObserver? _observer;
    private VirtualSilo? _observedBy;
    private TaskCompletionSource _replied = new();
    private ReplicaId? _lastReplica;
    private CellState? _lastReplied;

    public SessionDriver(SimulationRun run, TraceSession session)
    {
        (_run, _session) = (run, session);
        Kernel = new KernelId(string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{session.Session:x12}"));
        _cells = [.. session.Cells.Select((c, i) => new CellState(i, string.Create(CultureInfo.InvariantCulture, $"{session.Session}.{i}"), c.Duration))];
        _byMessage = _cells.ToDictionary(c => c.MessageId);
        _firstCheck = run.Options.Faults.IsOn ? TimeSpan.FromSeconds(10) : TimeSpan.FromMinutes(2);
    }

    /// <summary>Its kernel.</summary>
    public KernelId Kernel { get; }

    /// <summary>Its session in the trace.</summary>
    public TraceSession Session => _session;

    /// <summary>Its cells.</summary>
    public IReadOnlyList<CellState> Cells => _cells;

    /// <summary>Whether it is over.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Requests for a kernel that were refused, for lack of room or servers.</summary>
    public int RefusedStarts { get; private set; }

    private RunRecorder Recorder => _run.Recorder;

    /// <summary>Its cell of this message.</summary>
    public CellState Cell(string messageId) => _byMessage[messageId];

    /// <summary>The whole session.</summary>
    public async Task RunAsync()
    {
        await UntilAsync(_session.Start - _run.Options.Lead);
        await StartKernelAsync();
        var notBefore = TimeSpan.MinValue;
        foreach (var (cell, traced) in _cells.Zip(_session.Cells))
        {
            await UntilAsync(traced.Submit > notBefore ? traced.Submit : notBefore);
            cell.Submitted = Recorder.Now;
            _open.Add(cell);
            await SubscribeAsync();
            _ = SubmitAsync(cell);
            if (!_run.Options.ClosedLoop || cell.Index + 1 == _cells.Length) continue;
            await EndAsync(cell);
            var pause = _session.Cells[cell.Index + 1].Submit - traced.End;
            notBefore = cell.Ended!.Value + (pause > TimeSpan.Zero ? pause : TimeSpan.Zero);
        }

        while (_open.Count > 0) await EndAsync(_open[^1]);
        await UntilAsync(_run.Options.Trace.ReservedUntil(_session));
        await ShutdownAsync();
        IsOver = true;
    }

    /// <summary>Its code has begun.</summary>
    public void Started(CellState cell, ReplicaId replica, ServerId server)
    {
        if (cell.Started is not null) Recorder.Violations.Add($"cell {cell.MessageId} runs a second time, at replica {replica}");
        (cell.Started, cell.Replica, cell.Server, cell.IsRunning) = (Recorder.Now, replica, server, true);
        cell.SameExecutor = _lastReplica == replica;
        _lastReplica = replica;
        Count(1);
    }

    /// <summary>Its code has ended, or was cut off.</summary>
    public void Stopped(CellState cell)
    {
        if (!cell.IsRunning) return;
        cell.IsRunning = false;
        Count(-1);
    }

    /// <summary>Its reply is there.</summary>
    public void Replied(CellState cell) => End(cell, CellEnd.Ok);

    /// <inheritdoc/>
    public Task Changed(KernelView view) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task CellEnded(KernelId kernel, CellEnding ending)
    {
        if (_byMessage.TryGetValue(ending.MessageId, out var cell)) Hear(cell, ending);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task BeginsAnew(KernelId kernel)
    {
        _run.World.Post(ResubmitAllAsync);
        return Task.CompletedTask;
    }

    /// <summary>There is a new silo, which knows neither subscribers nor cells that waited.</summary>
    public void SiloChanged() => _run.World.Post(ResubmitAllAsync);

    private async Task ResubmitAllAsync()
    {
        if (_open.Count == 0) return;
        _observedBy = null;
        await SubscribeAsync();
        foreach (var cell in _open.ToArray()) await SubmitOnceAsync(cell);
    }

    private async Task StartKernelAsync()
    {
        var request = new KernelRequest(
            Kernel, "python3", $"user-{_session.Session.ToString(CultureInfo.InvariantCulture)}", ImmutableDictionary<string, string>.Empty, null, new ResourceRequest(_session.Gpus));
        while (true)
        {
            try
            {
                if (await _run.AskAsync(g => g.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key).StartKernel(request)) is StartKernelOutcome.Started) break;
                RefusedStarts++;
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                // Nobody knows whether it was started; to ask again for the same id is harmless.
            }

            await Task.Delay(s_retry, _run.World.Clock);
        }

        Recorder.Series.Sessions.Change(Recorder.Now, 1);
        await SubscribeAsync();
    }

    private async Task SubscribeAsync()
    {
        if (_run.Silo is not { } silo || (_observedBy == silo && _run.World.Clock.GetUtcNow() - _subscribed < s_subscription)) return;
        try
        {
            if (_observedBy != silo) _observer = silo.Grains.CreateObjectReference<IKernelObserver>(this);
            _observedBy = silo;
            await silo.AskAsync(g => g.GetGrain<IKernelGrain>(Kernel.Value).Subscribe(_observer!, 1));
            _subscribed = _run.World.Clock.GetUtcNow();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            _observedBy = null;   // the next check subscribes again
        }
    }

    /// <summary>Submits a cell, and again until it has ended, more and more seldom.</summary>
    private async Task SubmitAsync(CellState cell)
    {
        var pause = _firstCheck;
        while (!cell.HasEnded)
        {
            var isKnown = await SubmitOnceAsync(cell);
            if (cell.HasEnded) return;
            await Task.Delay(isKnown ? pause : s_retry, _run.World.Clock);
            if (isKnown && pause < TimeSpan.FromMinutes(10) && !_run.Options.Faults.IsOn) pause *= 2;
            if (!cell.HasEnded) await SubscribeAsync();
        }
    }

    /// <returns>Whether the kernel knows the cell.</returns>
    private async Task<bool> SubmitOnceAsync(CellState cell)
    {
        var at = _open.IndexOf(cell);
        var submission = new CellSubmission(cell.MessageId, null, StopOnError: true, Started: cell.Started is not null)
        {
            Seen = _lastReplied?.MessageId,
            After = at > 0 ? _open[at - 1].MessageId : null,
        };
        try
        {
            switch (await _run.AskAsync(g => g.GetGrain<IKernelGrain>(Kernel.Value).Submit(submission)))
            {
                case SubmitOutcome.Accepted accepted:
                    cell.Execution = accepted.Execution;
                    return true;
                case SubmitOutcome.Ended { Ending: var ending }:
                    Hear(cell, ending);
                    return true;
                case SubmitOutcome.Refused:
                    End(cell, CellEnd.Refused);
                    return true;
                default:
                    return false;
            }
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return false;
        }
    }

    private void Hear(CellState cell, CellEnding ending)
    {
        switch (ending.Kind)
        {
            case CellEndKind.Completed:
                break;   // its reply comes from the agent
            case CellEndKind.Refused or CellEndKind.Aborted:
                End(cell, CellEnd.Refused);
                break;
            default:
                End(cell, CellEnd.Lost);
                break;
        }
    }

    private void End(CellState cell, CellEnd outcome)
    {
        if (cell.HasEnded) return;
        (cell.Outcome, cell.Ended) = (outcome, Recorder.Now);
        if (outcome == CellEnd.Ok) _lastReplied = cell;
        _open.Remove(cell);
        var replied = _replied;
        _replied = new();
        replied.SetResult();
    }

    private async Task EndAsync(CellState cell)
    {
        while (!cell.HasEnded) await _replied.Task;
    }

    private async Task ShutdownAsync()
    {
        while (true)
        {
            try
            {
                await _run.AskAsync(g => g.GetGrain<IKernelGrain>(Kernel.Value).Shutdown());
                break;
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                await Task.Delay(s_retry, _run.World.Clock);
            }
        }

        Recorder.Series.Sessions.Change(Recorder.Now, -1);
    }

    private Task UntilAsync(TimeSpan sinceStart)
    {
        var span = _run.Start + sinceStart - _run.World.Clock.GetUtcNow();
        return span > TimeSpan.Zero ? Task.Delay(span, _run.World.Clock) : Task.CompletedTask;
    }

    private void Count(int cells)
    {
        Recorder.Series.RunningCells.Change(Recorder.Now, cells);
        Recorder.Series.BusyGpus.Change(Recorder.Now, cells * _session.Gpus);
    }
}
