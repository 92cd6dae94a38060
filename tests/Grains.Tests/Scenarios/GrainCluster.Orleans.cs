#if ORLEANS_HOST
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Notebook.Grains.Placement;
using Orleans.Hosting;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.Serialization;
using Orleans.Storage;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>On true Orleans: one silo in this process, with storage that outlives it.</summary>
internal sealed partial class GrainCluster : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (int Version, byte[] State)> _stored = new();
    private IHost? _host;

    public IGrainFactory Grains => _host!.Services.GetRequiredService<IGrainFactory>();

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task OpenAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(_time);
        builder.Services.AddSingleton<IAgentCommands>(Agents);
        builder.Services.AddGrainPolicies(Keeping, Policies);
        Services?.Invoke(builder.Services);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.AddPlacementDirector<AgentPlacementStrategy, Here>();
            silo.Services.AddKeyedSingleton<IGrainStorage>("Default", (services, _) =>
                new Kept(_stored, services.GetRequiredService<Serializer>(), Writes));
            silo.Services.TryAddSingleton(services => services.GetRequiredKeyedService<IGrainStorage>("Default"));
        });
        _host = builder.Build();
        await _host.StartAsync();
    }

    /// <summary>Nothing to do: here a kill of a whole silo is tested with processes (Cluster.Tests).</summary>
    private static void ForgetWhatFollows()
    {
    }

    /// <summary>Nothing to do: no time is virtual here.</summary>
    private static Task RestAsync() => Task.CompletedTask;

    private async Task CloseAsync()
    {
        if (_host is null) return;
        await _host.StopAsync();
        _host.Dispose();
        _host = null;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Here : IPlacementDirector
    {
        public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
            Task.FromResult(context.LocalSilo);
    }

    /// <summary>As the database would keep it: bytes, with a version that a writer must have seen.</summary>
    private sealed class Kept(
        ConcurrentDictionary<string, (int Version, byte[] State)> stored, Serializer serializer, FailingWrites writes) : IGrainStorage
    {
        public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            // A database answers later, and grains rely on it: Orleans (10.2.2 at least) runs a grain that activates without ever
            // waiting inside its lock up to its first wait, and two of them that call each other then wait for ever.
            await Task.Yield();
            var found = stored.TryGetValue(Key(stateName, grainId), out var kept);
            grainState.State = found ? serializer.Deserialize<T>(kept.State) : Activator.CreateInstance<T>();
            (grainState.RecordExists, grainState.ETag) = (found, found ? Text(kept.Version) : null);
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            writes.Write(grainId.ToString());
            var key = Key(stateName, grainId);
            var present = stored.TryGetValue(key, out var kept) ? Text(kept.Version) : null;
            if (present != grainState.ETag) throw new InconsistentStateException($"{key} is at {present}", present, grainState.ETag);
            var next = (kept.Version + 1, serializer.SerializeToArray(grainState.State));
            stored[key] = next;
            (grainState.RecordExists, grainState.ETag) = (true, Text(next.Item1));
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            stored.TryRemove(Key(stateName, grainId), out _);
            (grainState.State, grainState.RecordExists, grainState.ETag) = (Activator.CreateInstance<T>(), false, null);
            return Task.CompletedTask;
        }

        private static string Key(string stateName, GrainId grainId) => $"{stateName} of {grainId}";

        private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);
    }
}
#endif
