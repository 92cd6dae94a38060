using Microsoft.Extensions.Logging;
using Notebook.Contracts.Provisioning;
using Notebook.Grains.Scaling;

namespace Notebook.Grains.Cluster;

/// <summary>
/// How many servers there are: the shell round <see cref="IScalingPolicy"/>, which decides, and <see cref="Fleet"/>, which sees
/// it through. Operations are carried out by one <see cref="IProvisionerGrain"/> for each server, beside all turns of this one.
/// </summary>
internal sealed partial class ClusterManagerGrain
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at what waits, when much waits.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>For how long a kernel that was refused for lack of room is a reason to add a server.</summary>
    private static readonly TimeSpan s_refusalCounts = TimeSpan.FromMinutes(1);

    private const int MaxRefusals = 100;

    private readonly Dictionary<ServerId, DateTimeOffset> _upSince = [];
    private readonly Queue<(ResourceAmounts Amounts, DateTimeOffset At)> _refusedKernels = [];
    private readonly DemandHistory _demand = new();
    private Fleet _fleet = null!;
    private DateTimeOffset _gathered;
    private DateTimeOffset _nextDecision;
    private DateTimeOffset _lastLook;
    private IGrainTimer? _looking;
    private bool _looksSoon = true;
    private bool _isStirred = true;   // servers of ours come or go, or one of any kind did since the last look
    private bool _isAsked;   // something found no room since the last look
    private (int Target, string Reason, DateTimeOffset At)? _decided;

    /// <summary>Whether servers can be added.</summary>
    private bool CanGrow => scaling.IsOn && Others().Count() + _fleet.Servers.Length < scaling.Maximum;

    /// <inheritdoc/>
    public async Task Provisioned(ServerId server, long operation, ProvisionOutcome outcome)
    {
        var gone = _fleet.Ended(server, operation, outcome, time.GetUtcNow());
        if (outcome is ProvisionOutcome.Failed(var reason)) LogFailed(server, reason);
        if (gone) await ForgetAsync(server);
        LookSoon();
        await ScaleAsync();
    }

    private void StartScaling()
    {
        _fleet = new Fleet(fleetRecord.State, scaling);
        if (!scaling.IsOn && _fleet.Servers.IsEmpty) return;   // nothing is to change, and nothing is under way
        var period = scaling.Interval < s_look ? scaling.Interval : s_look;
        _gathered = time.GetUtcNow() + scaling.Settling;
        _nextDecision = time.GetUtcNow() + scaling.Interval;
        _looking = this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(period, period) { KeepAlive = true });
    }

    /// <summary>Nothing can have become of servers that all serve, while none was heard to go: then the next look is for the next decision.</summary>
    private async Task LookAsync()
    {
        await ScaleAsync();
        var isStill = !_isAsked && !_isStirred && scaling.IsOn;
        var next = isStill ? _nextDecision - time.GetUtcNow() : s_look;
        _looksSoon = !isStill;
        _looking!.Change(next > TimeSpan.Zero && next < scaling.Interval ? next : scaling.Interval, s_look);
    }

    /// <summary>Something is to be looked at, and not left to the next decision.</summary>
    private void LookSoon()
    {
        if (_looksSoon || _looking is null) return;
        _looksSoon = true;
        _looking.Change(s_look, s_look);
    }

    /// <summary>Something found no room: it is not left to the next interval.</summary>
    private Task GrowSoonAsync(ResourceAmounts? refusedKernel = null)
    {
        if (!scaling.IsOn) return Task.CompletedTask;
        NoteWhoIsUp(time.GetUtcNow());   // a refusal is of those that are up now, and not undone by one that was up already
        if (refusedKernel is { } amounts && _refusedKernels.Count < MaxRefusals) _refusedKernels.Enqueue((amounts, time.GetUtcNow()));
        _isAsked = true;
        LookSoon();
        return time.GetUtcNow() - _lastLook >= s_pause ? ScaleAsync() : Task.CompletedTask;   // the next look is soon
    }

    /// <summary>What one who is refused for lack of room may hope for, as the end of a sentence.</summary>
    private string Prospect(in ResourceAmounts amounts) =>
        amounts.Gpus <= scaling.GpusPerServer && _fleet.Servers.Any(s => s.IsOnItsWay) ? "; another server is on its way: try again in a minute" : "";

    private async Task ScaleAsync()
    {
        // 1. What has become of the servers.
        var now = _lastLook = time.GetUtcNow();
        NoteWhoIsUp(now);
        _fleet.Judge(Facts, now);
        _isStirred = false;

        // 2. How many there are to be. Between the intervals servers are only added.
        ImmutableArray<ServerId> staying = [];
        var isDue = now >= _nextDecision;
        if (scaling.IsOn && now >= _gathered && (isDue || _isAsked))
        {
            _isAsked = false;
            var view = ScalingView(now);
            var decision = scalingPolicy.Decide(view);
            staying = _fleet.Grow(decision.Add, Others().Count(), s => servers.State.Servers.Any(known => known.Server == s), now);
            if (isDue)
            {
                _fleet.Shrink(decision.Remove, now);
                _nextDecision = now + scaling.Interval;
            }

            if (isDue || decision.Add > 0) Decided(view, decision, now);
        }

        // 3. What follows. It is stored first, so that it is never forgotten.
        var steps = _fleet.Due(Facts, now);
        _isStirred |= !_fleet.IsAtRest;
        foreach (var server in staying) await Drain(server, drain: false);
        if (!ReferenceEquals(_fleet.Record, fleetRecord.State))
        {
            fleetRecord.State = _fleet.Record;
            await fleetRecord.WriteStateAsync();
        }

        foreach (var step in steps) await TakeAsync(step);
    }

    private async Task TakeAsync(FleetStep step)
    {
        switch (step)
        {
            case FleetStep.Operate { Add: true, Server: var server, Operation: var operation }:
                LogAdding(server, operation);
                await GrainFactory.GetGrain<IProvisionerGrain>(server.Value).Operate(operation, add: true, scaling.OperationLimit);
                break;
            case FleetStep.Operate { Server: var server, Operation: var operation }:
                LogRemoving(server, operation);
                await GrainFactory.GetGrain<IProvisionerGrain>(server.Value).Operate(operation, add: false, scaling.OperationLimit);
                break;
            case FleetStep.Drain { Server: var server }:
                await Drain(server, drain: true);
                break;
            default:
                throw new InvalidOperationException("an unknown step of the fleet");
        }
    }

    /// <summary>A server is gone for good, and its name may be given again.</summary>
    private async Task ForgetAsync(ServerId server)
    {
        LogGone(server);
        _board.Remove(server);
        _upSince.Remove(server);
        _drainFaults.Remove(server);
        if (servers.State.Servers.FirstOrDefault(s => s.Server == server) is not { } known) return;
        servers.State = new ServersRecord { Servers = servers.State.Servers.Remove(known) };
        await servers.WriteStateAsync();
    }

    private void NoteWhoIsUp(DateTimeOffset now)
    {
        foreach (var server in _board.All)
        {
            if (!server.IsUp) _upSince.Remove(server.Server);
            else if (_upSince.TryAdd(server.Server, now)) _refusedKernels.Clear();   // who was refused finds it, or is refused again
        }
    }

    private void Decided(ScalingView view, ScalingDecision decision, DateTimeOffset now)
    {
        var target = view.Servers.Count(s => !s.IsDraining) + view.OnTheirWay.Length + decision.Add - decision.Remove.Length;
        if (decision.Add > 0 || !decision.Remove.IsEmpty)
        {
            LogDecided(scalingPolicy.Name, target, decision.Reason);
            Decide("scaling", null, 0, scalingPolicy.Name, Outcome(decision), decision.Reason, []);
        }

        _decided = (target, decision.Reason, now);
    }

    private static string Outcome(ScalingDecision decision) =>
        decision.Add > 0 ? $"{decision.Add} more servers" : $"without {string.Join(", ", decision.Remove)}";

    private ScalingView ScalingView(DateTimeOffset now)
    {
        while (_refusedKernels.TryPeek(out var refusal) && now - refusal.At >= s_refusalCounts) _refusedKernels.Dequeue();
        var serving = _board.All.Count(s => s is { IsUp: true, IsDraining: false });
        return new(
            now,
            [.. _board.All.Where(s => s.IsUp).Select(s => AsScaled(s, serving))],
            [.. _fleet.Servers.Where(s => s.IsOnItsWay).Select(s => new ArrivingServer(s.Server, s.Since, s.Failures))],
            [.. _queue.Unmet, .. _refusedKernels.Select(r => r.Amounts)],
            scaling.Minimum, scaling.Maximum, scaling.Buffer, scaling.GpusPerServer, scaling.Settling)
        {
            DemandPeaks = _demand.Peaks(now),
        };
    }

    /// <summary>What cells hold or what waits has changed.</summary>
    private void NoteDemand()
    {
        if (scaling.IsOn) _demand.Note(_board.CommittedGpus + _queue.UnmetGpus, time.GetUtcNow());
    }

    private ScalingServer AsScaled(BoardServer server, int serving) => new(
        server.Server, server.Account.Spec.Gpus, server.Account.Committed.Gpus, server.Account.Promised.Gpus, server.Replicas,
        server.IsDraining,
        IsOurs: _fleet.Find(server.Server) is not null,
        CanBeDrained: server.Replicas == 0 || serving > ClusterDefaults.ReplicasPerKernel,   // each replica of a kernel has a server of its own
        _upSince.GetValueOrDefault(server.Server));

    private ServerFacts Facts(ServerId server) => _board.Find(server) is { } known
        ? new(IsKnown: true, known.IsUp, known.IsDraining, known.Replicas == 0 && known.Account.Committed.Gpus == 0)
        : default;

    /// <summary>The servers that can be used and are none of ours.</summary>
    private IEnumerable<BoardServer> Others() => _board.All.Where(s => s.IsUp && _fleet.Find(s.Server) is null);

    private ScalingStatus ScalingStatus()
    {
        var moving = _fleet.Servers.Where(s => s.Phase != OwnServerPhase.Up).ToLookup(
            s => s.IsOnItsWay, s => new MovingServer(s.Server, s.Phase.ToString().ToLowerInvariant(), s.Since, s.Failures, s.Operation != 0));
        return new(
            scalingPolicy.Name, provisioner.Name,
            _decided?.Target ?? _board.All.Count(s => s is { IsUp: true, IsDraining: false }) + moving[true].Count(),
            scaling.Minimum, scaling.Maximum, [.. moving[true]], [.. moving[false]],
            _decided?.Reason, _decided?.At, _fleet.Record.Failures, _fleet.Record.Faults);
    }

    [LoggerMessage(EventId = 3331, Level = LogLevel.Information, Message = "{Target} servers are wanted, says {Policy}: {Reason}")]
    private partial void LogDecided(string policy, int target, string reason);

    [LoggerMessage(EventId = 3332, Level = LogLevel.Information, Message = "Server {Server} is asked for (operation {Operation})")]
    private partial void LogAdding(ServerId server, long operation);

    [LoggerMessage(EventId = 3333, Level = LogLevel.Information, Message = "Server {Server} is to go (operation {Operation})")]
    private partial void LogRemoving(ServerId server, long operation);

    [LoggerMessage(EventId = 3334, Level = LogLevel.Warning, Message = "Server {Server}: {Reason}")]
    private partial void LogFailed(ServerId server, string reason);

    [LoggerMessage(EventId = 3335, Level = LogLevel.Information, Message = "Server {Server} is gone")]
    private partial void LogGone(ServerId server);
}
