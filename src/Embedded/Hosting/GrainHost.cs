using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notebook.Embedded.Serialization;
using Notebook.Embedded.Storage;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>The host: which activation is where, and how a call gets there.</summary>
internal sealed class GrainHost : IReferenceRuntime, IHostedService, IDisposable
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly CallTimeouts _timeouts;
    private readonly CallSender _sender;
    private readonly GrainClasses _classes;
    private readonly ReminderService _reminders;
    private ITimer? _idleScan;
    private readonly CancellationTokenSource _stopped = new();
    private volatile bool _stopping;
    private long _activated;

    public GrainHost(
        GrainHostOptions options, IServiceProvider services, TimeProvider time, IGrainStore store, ILogger<GrainHost> log,
        IEnumerable<IIncomingGrainCallFilter> incoming, IEnumerable<IOutgoingGrainCallFilter> outgoing)
    {
        (Options, Services, Time, Store, Log) = (options, services, time, store, log);
        Json = new(this, name => _classes!.Interfaces.Find(name));
        Observers = new($"host-{Guid.NewGuid():N}", options.MaxQueuedCallsPerGrain, options.Scheduler, log);
        _classes = new(options.GrainAssemblies, [.. incoming], options.CheckImmutability);
        _timeouts = new(time);
        _sender = new(_timeouts, options.ResponseTimeout, [.. outgoing], Deliver);
        _reminders = new(this);
    }

    public GrainHostOptions Options { get; }

    public IServiceProvider Services { get; }

    public TimeProvider Time { get; }

    public IGrainStore Store { get; }

    public ILogger Log { get; }

    public GrainJson Json { get; }

    public ITurnScheduler Scheduler => Options.Scheduler;

    public ObserverTable Observers { get; }

    public ClientRoutes Clients { get; } = new();

    public GrainClasses Classes => _classes;

    public ReminderService Reminders => _reminders;

    /// <summary>Cancelled when the grains have ended: connections from clients end with them.</summary>
    public CancellationToken Stopped => _stopped.Token;

    public void Send(GrainCall call) => _sender.Send(call);

    /// <summary>Takes a call from another process.</summary>
    public void Receive(GrainCall call) => _sender.Leave(call);

    public object MakeReference(GrainId id, Type interfaceType) => References.Make(this, interfaceType, id);

    public GrainReference BareReference(GrainId id) => new GrainReference().Bind(this, null, id);

    /// <summary>Gives a call to its grain or observer.</summary>
    public void Deliver(GrainCall call)
    {
        try
        {
            // Most calls go to an activation that the reference has called before.
            if (call.Reference?.TargetCache is Activation known && known.TryReceive(call)) return;
            if (ObserverTable.ClientOf(call.Target) is { } client)
            {
                if (client == Observers.Client) Observers.Deliver(call);
                else Clients.Deliver(client, call);
                return;
            }

            var activation = Deliver(call.Target, call, call.Method.Interface.Type);
            if (call.Reference is { } reference) reference.TargetCache = activation;
        }
        catch (Exception error)
        {
            if (call.Method.OneWay) Log.LogWarning(error, "one-way call {Call} was not delivered", call);
            call.Fail(error);
        }
    }

    /// <summary>Gives a request to the next activation of a grain whose last one ended before the request ran.</summary>
    public void Forward(GrainId id, Request request)
    {
        const int MaxForwards = 10;
        try
        {
            if (++request.Forwarded > MaxForwards)
            {
                throw new OrleansMessageRejectionException($"{id} ended {MaxForwards} times before it could take a call: see why it deactivates at once");
            }

            Deliver(id, request, null);
        }
        catch (Exception error)
        {
            request.Reject(error);
        }
    }

    /// <summary>The number of a new activation: they end in the order in which they were made.</summary>
    public long NextActivation() => Interlocked.Increment(ref _activated);

    /// <summary>Called by an activation that has ended.</summary>
    public void Forget(Activation activation) => _activations.TryRemove(new(activation.GrainId, activation));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Store.OpenAsync();
        await _reminders.StartAsync();
        using (ExecutionContext.SuppressFlow())
        {
            _idleScan = Time.CreateTimer(
                static host => ((GrainHost)host!).EndIdle(), this, Options.IdleScanPeriod, Options.IdleScanPeriod);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        _idleScan?.Dispose();
        _reminders.Stop();
        var all = InOrder(_activations.Values);
        foreach (var activation in all) activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The host stops."), CancellationToken.None);
        try
        {
            await Task.WhenAll(all.Select(a => a.Deactivated)).WaitAsync(Options.StopTimeout, Time, cancellationToken);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            Log.LogWarning("{Count} grains did not end in time; the host stops without them", all.Count(a => !a.Deactivated.IsCompleted));
        }

        await _stopped.CancelAsync();
        Dispose();
        await Store.CloseAsync();
    }

    public void Dispose()
    {
        _idleScan?.Dispose();
        _timeouts.Dispose();
    }

    private Activation Deliver(GrainId id, Request request, Type? interfaceType)
    {
        while (true)
        {
            if (!_activations.TryGetValue(id, out var activation))
            {
                if (_stopping) throw new SiloUnavailableException($"the grain host is stopping: {id} is not activated any more");
                var grainClass = _classes.Of(id, interfaceType);
                activation = _activations.GetOrAdd(id, static (key, arg) => new Activation(arg.Host, arg.Class, key), (Host: this, Class: grainClass));
            }

            if (activation.TryReceive(request)) return activation;
            Forget(activation);
        }
    }

    // The table's own order is another in every process.
    private static Activation[] InOrder(IEnumerable<Activation> activations) => [.. activations.OrderBy(a => a.Number)];

    private void EndIdle()
    {
        foreach (var activation in InOrder(_activations.Values.Where(a => a.IsIdle))) activation.EndIfIdle();
    }
}
