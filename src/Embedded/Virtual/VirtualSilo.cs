using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Virtual;

/// <summary>
/// A grain host in a <see cref="VirtualWorld"/>: the same one that runs in real time, under another clock and another scheduler.
/// To be used on the world's thread alone.
/// </summary>
public sealed class VirtualSilo
{
    private readonly ServiceProvider _services;
    private readonly VirtualLife _life;
    private readonly HashSet<IOpenCall> _open = [];

    private VirtualSilo(ServiceProvider services, VirtualLife life)
    {
        (_services, _life) = (services, life);
        Grains = services.GetRequiredService<IGrainFactory>();
    }

    private interface IOpenCall
    {
        void Fail(Exception error);
    }

    /// <summary>Its grains. Calls that were made before a crash are never answered; <see cref="AskAsync"/> says so.</summary>
    public IGrainFactory Grains { get; }

    /// <summary>Whether it has crashed.</summary>
    public bool HasCrashed => _life.HasEnded;

    /// <summary>Starts a host.</summary>
    /// <param name="world">Where.</param>
    /// <param name="storage">With this state.</param>
    /// <param name="services">What grains and calls need: policies, call filters, agents. The clock is there already.</param>
    /// <param name="configure">Where grain classes are, and how the host works.</param>
    /// <param name="turnsPerSlice">Turns of one grain that may run in a row before another is drawn.</param>
    public static VirtualSilo Start(
        VirtualWorld world, VirtualStorage storage, Action<IServiceCollection> services, Action<GrainHostOptions> configure, int turnsPerSlice = 1)
    {
        var life = new VirtualLife(world, turnsPerSlice);
        var collection = new ServiceCollection();
        collection.AddSingleton<TimeProvider>(life);
        collection.AddSingleton(_ => storage.For(life));
        services(collection);
        collection.AddEmbeddedGrains(options =>
        {
            configure(options);
            options.Scheduler = life;
        });
        var provider = collection.BuildServiceProvider();
        foreach (var hosted in provider.GetServices<IHostedService>())
        {
            var started = hosted.StartAsync(CancellationToken.None);
            if (!started.IsCompletedSuccessfully) throw new InvalidOperationException("a grain host in virtual time starts at once", started.Exception);
        }

        return new VirtualSilo(provider, life);
    }

    /// <summary>A service of its own.</summary>
    public T Service<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Calls a grain from outside.</summary>
    /// <exception cref="SiloUnavailableException">The silo crashed before it answered, or had before: nobody knows whether the call was carried out.</exception>
    public Task<T> AskAsync<T>(Func<IGrainFactory, Task<T>> call)
    {
        var open = new OpenCall<T>();
        if (_life.HasEnded)
        {
            open.Fail(Gone());
            return open.Task;
        }

        _open.Add(open);
        _ = RelayAsync(call, open);
        return open.Task;
    }

    /// <summary>The same for calls without a result.</summary>
    public Task AskAsync(Func<IGrainFactory, Task> call) => AskAsync(async grains =>
    {
        await call(grains);
        return true;
    });

    /// <summary>Ends it in the middle of whatever it does. What is stored stays.</summary>
    public void Crash()
    {
        _life.End();
        var open = _open.ToArray();
        _open.Clear();
        foreach (var call in open) call.Fail(Gone());
    }

    private static SiloUnavailableException Gone() => new("the silo is gone");

    private async Task RelayAsync<T>(Func<IGrainFactory, Task<T>> call, OpenCall<T> open)
    {
        try
        {
            open.Succeed(await call(Grains));
        }
#pragma warning disable CA1031 // whatever it is, it is the caller's
        catch (Exception e)
#pragma warning restore CA1031
        {
            open.Fail(e);
        }
        finally
        {
            _open.Remove(open);
        }
    }

    private sealed class OpenCall<T> : TaskCompletionSource<T>, IOpenCall
    {
        public void Succeed(T result) => TrySetResult(result);

        public void Fail(Exception error) => TrySetException(error);
    }
}
