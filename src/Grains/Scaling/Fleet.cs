using Notebook.Contracts.Provisioning;

namespace Notebook.Grains.Scaling;

/// <summary>
/// The servers that scaling added, and the operations on them. Each goes its own way (<see cref="OwnServerPhase"/>), and none
/// waits for another. No clock, no IO: what happened comes in, steps come out. Whoever takes a step stores
/// <see cref="Record"/> first: an operation may then be begun twice, and none is ever forgotten.
/// </summary>
/// <remarks>
/// A server that has been up is never taken away before it is known to be empty, whatever becomes of it: a kernel's state may
/// be on its disk. While it is away the provisioner is asked again and again to see to it that it runs.
/// </remarks>
internal sealed class Fleet(FleetRecord record, ScalingSettings settings)
{
    /// <summary>Failed attempts that are kept for operators.</summary>
    public const int FaultsKept = 10;

    /// <summary>How long after a server of ours was lost the provisioner is asked for it: it may come back by itself.</summary>
    public static readonly TimeSpan RestoreAfter = TimeSpan.FromSeconds(15);

    /// <summary>The longest pause between two attempts.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(5);

    /// <summary>Whoever carries an operation out says what became of it within the limit and this.</summary>
    private static readonly TimeSpan s_wordLimit = TimeSpan.FromSeconds(30);

    private readonly Dictionary<ServerId, OwnServer> _byId = [];
    private FleetRecord? _indexed;   // what is in there

    /// <summary>What has to be stored. Operations of before a crash are begun anew.</summary>
    public FleetRecord Record { get; private set; } = record with { Servers = [.. record.Servers.Select(s => s with { Operation = 0 })] };

    /// <summary>Whether all of ours serve, so that nothing is due before one of them is lost or another is wanted.</summary>
    public bool IsAtRest => Record.Servers.All(s => s.Phase == OwnServerPhase.Up);

    /// <summary>All servers of ours.</summary>
    public ImmutableArray<OwnServer> Servers => Record.Servers;

    /// <summary>The server, or null when it is none of ours.</summary>
    public OwnServer? Find(ServerId server)
    {
        if (!ReferenceEquals(_indexed, Record))
        {
            _byId.Clear();
            foreach (var own in Record.Servers) _byId.Add(own.Server, own);
            _indexed = Record;
        }

        return _byId.GetValueOrDefault(server);
    }

    /// <summary>Takes in what became of the servers, and of their time.</summary>
    public void Judge(Func<ServerId, ServerFacts> facts, DateTimeOffset now)
    {
        foreach (var server in Record.Servers) Judge(server, facts(server.Server), now);
    }

    /// <summary>
    /// More servers are wanted: those that are being emptied stay after all, then new ones are asked for, as far as the maximum
    /// and the pause after servers that never came allow.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="others">Servers that are none of ours.</param>
    /// <param name="isTaken">Whether a name is in use.</param>
    /// <param name="now">The time.</param>
    /// <returns>Those that stay: they are to be emptied no longer.</returns>
    public ImmutableArray<ServerId> Grow(int count, int others, Func<ServerId, bool> isTaken, DateTimeOffset now)
    {
        var staying = Record.Servers.Where(s => s.Phase == OwnServerPhase.Draining).Take(count).ToImmutableArray();
        foreach (var server in staying) Become(server, OwnServerPhase.Up, now);
        if (now < Record.AddsNotBefore) return [.. staying.Select(s => s.Server)];

        count = Math.Min(count - staying.Length, settings.Maximum - others - Record.Servers.Length);
        for (var number = 1; count > 0; number++)
        {
            var id = new ServerId($"scaled-{number}");
            if (Find(id) is not null || isTaken(id)) continue;
            Record = Record with { Servers = Record.Servers.Add(new OwnServer(id, OwnServerPhase.Adding, now)) };
            count--;
        }

        return [.. staying.Select(s => s.Server)];
    }

    /// <summary>These are not wanted any more.</summary>
    public void Shrink(ImmutableArray<ServerId> servers, DateTimeOffset now)
    {
        foreach (var server in servers.Select(Find).OfType<OwnServer>())
        {
            if (server.Phase == OwnServerPhase.Up) Become(server, OwnServerPhase.Draining, now);
            else if (server is { IsOnItsWay: true, HasBeenUp: false }) Become(server, OwnServerPhase.Removing, now);

            // One that was up and is away may hold state: it has to come back before it can be emptied. The others leave already.
        }
    }

    /// <summary>What is due.</summary>
    public ImmutableArray<FleetStep> Due(Func<ServerId, ServerFacts> facts, DateTimeOffset now)
    {
        var steps = ImmutableArray.CreateBuilder<FleetStep>();
        foreach (var server in Record.Servers)
        {
            if (server.IsLeaving && facts(server.Server) is { IsKnown: true, IsDraining: false }) steps.Add(new FleetStep.Drain(server.Server));
            if (server.Phase is not (OwnServerPhase.Adding or OwnServerPhase.Removing) || server.Operation != 0 || now < server.NotBefore) continue;
            var operation = Record.LastOperation + 1;
            Record = Record with { LastOperation = operation };
            Replace(server, server with { Operation = operation, Deadline = now + settings.OperationLimit + s_wordLimit });
            steps.Add(new FleetStep.Operate(server.Server, operation, Add: server.Phase == OwnServerPhase.Adding));
        }

        return steps.DrainToImmutable();
    }

    /// <summary>An operation came to its end. One that is not under way any more changes nothing.</summary>
    /// <returns>Whether the server is gone for good.</returns>
    public bool Ended(ServerId server, long operation, ProvisionOutcome outcome, DateTimeOffset now)
    {
        if (Find(server) is not { } own || own.Operation != operation) return false;
        switch (outcome, own.Phase)
        {
            case (ProvisionOutcome.Failed(var reason), _):
                Fail(own, reason, now);
                return false;
            case (ProvisionOutcome.Done, OwnServerPhase.Adding):
                Become(own, OwnServerPhase.Arriving, now);
                return false;
            case (ProvisionOutcome.Done, OwnServerPhase.Removing):
                Record = Record with { Servers = Record.Servers.Remove(own) };
                return true;
            default:
                throw new InvalidOperationException($"server {server} has an operation while it is {own.Phase}");
        }
    }

    private void Judge(OwnServer server, ServerFacts facts, DateTimeOffset now)
    {
        switch (server.Phase)
        {
            case OwnServerPhase.Adding or OwnServerPhase.Arriving when facts.IsUp:
                Become(server, OwnServerPhase.Up, now);
                Record = Record with { NoShows = 0, AddsNotBefore = default };
                break;
            case OwnServerPhase.Adding or OwnServerPhase.Removing when server.Operation != 0 && now >= server.Deadline:
                Fail(server, $"nothing was heard of what became of {(server.Phase == OwnServerPhase.Adding ? "adding" : "removing")} it", now);
                break;
            case OwnServerPhase.Arriving when now - server.Since >= settings.ArrivalLimit:
                NoShow(server, facts, now);
                break;
            case OwnServerPhase.Up when !facts.IsUp:
                Become(server, OwnServerPhase.Adding, now, notBefore: now + RestoreAfter);
                break;
            case OwnServerPhase.Draining when facts.IsEmpty:
                Become(server, OwnServerPhase.Removing, now);
                break;
            default:
                break;   // it goes on with what it does: an operation is under way or pauses, or it serves, or is not empty yet
        }
    }

    private void NoShow(OwnServer server, ServerFacts facts, DateTimeOffset now)
    {
        var limit = $"it did not connect within {settings.ArrivalLimit.TotalSeconds:0} s after it was added";
        if (server.HasBeenUp && !facts.IsEmpty)
        {
            Fail(server with { Phase = OwnServerPhase.Adding, Since = now }, $"{limit}; it is asked for again, since replicas of kernels are placed there", now, before: server);
            return;
        }

        Become(server, OwnServerPhase.Removing, now);
        Record = Record with
        {
            NoShows = Record.NoShows + 1,
            AddsNotBefore = now + Pause(Record.NoShows + 1, TimeSpan.FromSeconds(30)),
            Failures = Record.Failures + 1,
            Faults = Kept(new ScalingFault(now, server.Server, $"{limit}, and is removed again")),
        };
    }

    private void Fail(OwnServer server, string reason, DateTimeOffset now, OwnServer? before = null)
    {
        var pause = Pause(server.Failures + 1, s_firstPause);
        Replace(before ?? server, server with { Operation = 0, Failures = server.Failures + 1, NotBefore = now + pause });
        Record = Record with
        {
            Failures = Record.Failures + 1,
            Faults = Kept(new ScalingFault(now, server.Server, $"{reason} (attempt {server.Failures + 1}, the next in {pause.TotalSeconds:0} s)")),
        };
    }

    /// <summary>The one door from phase to phase.</summary>
    private void Become(OwnServer server, OwnServerPhase next, DateTimeOffset now, DateTimeOffset notBefore = default) => Replace(
        server,
        new OwnServer(server.Server, next, now) { NotBefore = notBefore, HasBeenUp = server.HasBeenUp || next == OwnServerPhase.Up });

    private void Replace(OwnServer before, OwnServer after) => Record = Record with { Servers = Record.Servers.Replace(before, after) };

    private ImmutableArray<ScalingFault> Kept(ScalingFault fault) => [.. Record.Faults.Add(fault).TakeLast(FaultsKept)];

    private static TimeSpan Pause(int failures, TimeSpan first)
    {
        var pause = first * Math.Pow(2, Math.Min(failures - 1, 10));
        return pause < LongestPause ? pause : LongestPause;
    }
}
