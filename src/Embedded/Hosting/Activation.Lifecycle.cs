using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notebook.Embedded.Storage;
using Orleans;

namespace Notebook.Embedded.Hosting;

/// <summary>Where an activation is in its life. It only goes forward.</summary>
internal enum ActivationPhase
{
    /// <summary>Nobody has called it.</summary>
    New,

    /// <summary>Its constructor, its stored state, <c>OnActivateAsync</c>. Calls wait.</summary>
    Activating,

    /// <summary>It takes calls.</summary>
    Active,

    /// <summary>No call runs; <c>OnDeactivateAsync</c> does. Calls wait for the next activation.</summary>
    Deactivating,

    /// <summary>Another activation takes its place.</summary>
    Ended,
}

/// <summary>How an activation begins and ends.</summary>
internal sealed partial class Activation
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IStoredState> _states = [];
    private ActivationPhase _phase;
    private DeactivationReason? _ending;
    private DateTimeOffset _keepUntil;

    public Task Deactivated => _ended.Task;

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_ending is not null || _phase >= ActivationPhase.Deactivating) return;
            _ending = deactivationReason;
            _gate.Close();
            if (_phase == ActivationPhase.New) End_NeedsLock();
            else if (_phase == ActivationPhase.Active && _gate.Running == 0) BeginDeactivating_NeedsLock();

            // Else: Pump begins it when the last running request ends, and ActivateAsync when it is done.
        }
    }

    /// <summary>The grain's state in memory cannot be trusted any more.</summary>
    public void EndAfterFailure(Exception error) =>
        Deactivate(new(DeactivationReasonCode.ApplicationError, error, "A call failed with inconsistent state."));

    public void DelayDeactivation(TimeSpan time)
    {
        var now = Host.Time.GetUtcNow();
        _keepUntil = time == Timeout.InfiniteTimeSpan || time >= DateTimeOffset.MaxValue - now
            ? DateTimeOffset.MaxValue
            : time <= TimeSpan.Zero ? default : now + time;
    }

    /// <summary>Whether nobody has used it for long enough.</summary>
    public bool IsIdle
    {
        get
        {
            var limit = IdleLimit;
            if (limit == Timeout.InfiniteTimeSpan || Host.Time.GetUtcNow() < _keepUntil) return false;
            lock (_lock)
            {
                return _phase == ActivationPhase.Active && _gate is { Running: 0, Waiting: 0 } && Host.Time.GetElapsedTime(_lastUsed) >= limit;
            }
        }
    }

    private TimeSpan IdleLimit => Class.IdleLimit ?? Host.Options.IdleLimit;

    /// <summary>Ends it when nobody has used it for long enough.</summary>
    public void EndIfIdle()
    {
        if (IsIdle) Deactivate(new(DeactivationReasonCode.ActivationIdle, $"Nobody has called it for {IdleLimit}."));
    }

    public object AddState(Type type, string name, string? storage)
    {
        var state = StoredState.Create(type, Host.Store, Host.Json, StoredState.Key(GrainId, name, storage));
        _states.Add(state);
        return state;
    }

    private void BeginActivating_NeedsLock()
    {
        _phase = ActivationPhase.Activating;
        Turns.Post(static self => _ = ((Activation)self!).ActivateAsync(), this);
    }

    private async Task ActivateAsync()
    {
        using var limit = new CancellationTokenSource(Host.Options.ActivationTimeout, Host.Time);
        try
        {
            _scope = Host.Services.CreateAsyncScope();
            GrainContextAccessor.Set(_scope.Value.ServiceProvider, this);
            Instance = Class.Create(this);
            if (Instance is IGrainWithInjectedStorage grain)
            {
                grain.SetStorage((Orleans.Core.IStorage)AddState(grain.StateType, "state", StoredState.StoreOf(Class.Type)));
            }

            foreach (var state in _states) await state.ReadStateAsync();
            if (Instance is IGrainBase activated) await activated.OnActivateAsync(limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            await FailActivationAsync(new TimeoutException($"{GrainId} was not active within {Host.Options.ActivationTimeout}"));
            return;
        }
        catch (Exception error)
        {
            await FailActivationAsync(error);
            return;
        }

        lock (_lock)
        {
            _phase = ActivationPhase.Active;
            if (_ending is null) _gate.Open();
            else BeginDeactivating_NeedsLock();
        }

        Pump();
    }

    // Those who wait get the failure itself; the next call tries again with a fresh activation.
    private async Task FailActivationAsync(Exception error)
    {
        Host.Log.LogWarning(error, "{Grain} could not be activated", GrainId);
        DisposeTimers();
        await DisposeScopeAsync();
        List<Request> waiting;
        lock (_lock)
        {
            waiting = _gate.Drain();
            End_NeedsLock();
        }

        foreach (var request in waiting) request.Reject(error);
    }

    private void BeginDeactivating_NeedsLock()
    {
        if (_phase != ActivationPhase.Active) return;
        _phase = ActivationPhase.Deactivating;
        Turns.Post(static self => _ = ((Activation)self!).DeactivateAsync(), this);
    }

    private async Task DeactivateAsync()
    {
        DisposeTimers();
        try
        {
            using var limit = new CancellationTokenSource(Host.Options.DeactivationTimeout, Host.Time);
            if (Instance is IGrainBase grain) await grain.OnDeactivateAsync(_ending!.Value, limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception error)
        {
            Host.Log.LogWarning(error, "{Grain}: OnDeactivateAsync failed", GrainId);
        }

        await DisposeScopeAsync();
        List<Request> waiting;
        lock (_lock)
        {
            waiting = _gate.Drain();
            End_NeedsLock();
        }

        foreach (var request in waiting)
        {
            // Ticks of the old activation's timers end with it.
            if (!request.IsObsolete) Host.Forward(GrainId, request);
        }
    }

    private async Task DisposeScopeAsync()
    {
        try
        {
            if (Instance is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
            else (Instance as IDisposable)?.Dispose();
            if (_scope is { } scope) await scope.DisposeAsync();
        }
        catch (Exception error)
        {
            Host.Log.LogWarning(error, "{Grain}: disposing it failed", GrainId);
        }
    }

    private void End_NeedsLock()
    {
        _phase = ActivationPhase.Ended;
        Host.Forget(this);
        _ended.TrySetResult();
    }
}
