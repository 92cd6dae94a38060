using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Notebook.Embedded.Hosting;
using Orleans.Core;
using Orleans.Runtime;

namespace Orleans;

/// <summary>The base of grain classes.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <summary>Made by the host.</summary>
    protected Grain() : this(RuntimeContext.Current!)
    {
    }

    /// <summary>Made by hand, in a test.</summary>
    protected Grain(IGrainContext grainContext) => GrainContext = grainContext;

    /// <inheritdoc/>
    [AllowNull]
    public IGrainContext GrainContext { get; }

    /// <summary>A reference to this grain.</summary>
    public GrainReference GrainReference => GrainContext.GrainReference;

    /// <summary>The text of this grain's id.</summary>
    public string IdentityString => GrainContext.GrainId.ToString();

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => ServiceProvider.GetRequiredService<IGrainFactory>();

    /// <summary>Services of this activation.</summary>
    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    /// <inheritdoc/>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends this activation when its calls have ended.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>Keeps this activation for at least this long, however idle; a negative time takes that back.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => Activation.Of(this).DelayDeactivation(timeSpan);
}

/// <summary>The base of grain classes with one state; constructor parameters of <see cref="IPersistentState{T}"/> are the newer way.</summary>
/// <typeparam name="TGrainState">The state's type.</typeparam>
public class Grain<TGrainState> : Grain, IGrainWithInjectedStorage
{
    [AllowNull]
    private IStorage<TGrainState> _storage;

    /// <summary>Made by the host.</summary>
    protected Grain()
    {
    }

    /// <summary>Made by hand, in a test.</summary>
    protected Grain(IStorage<TGrainState> storage) => _storage = storage;

    /// <summary>The state in memory.</summary>
    protected TGrainState State
    {
        get => _storage.State;
        set => _storage.State = value;
    }

    Type IGrainWithInjectedStorage.StateType => typeof(TGrainState);

    void IGrainWithInjectedStorage.SetStorage(IStorage storage) => _storage = (IStorage<TGrainState>)storage;

    /// <summary>Removes the state from the store.</summary>
    protected virtual Task ClearStateAsync() => _storage.ClearStateAsync();

    /// <summary>Writes the state.</summary>
    protected virtual Task WriteStateAsync() => _storage.WriteStateAsync();

    /// <summary>Reads the state again.</summary>
    protected virtual Task ReadStateAsync() => _storage.ReadStateAsync();
}

/// <summary>How the host gives a <see cref="Grain{TGrainState}"/> its state.</summary>
internal interface IGrainWithInjectedStorage
{
    Type StateType { get; }

    void SetStorage(IStorage storage);
}
