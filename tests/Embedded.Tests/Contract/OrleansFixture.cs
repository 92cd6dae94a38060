#if ORLEANS_HOST
using Microsoft.Extensions.DependencyInjection;
using Notebook.Embedded.Tests.Grains;
using Orleans;
using Orleans.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Notebook.Embedded.Tests.Contract;

/// <summary>True Orleans, one silo in this process, in real time; its memory storage lives in the silo that stays.</summary>
public sealed class HostFixture : GrainHostFixture
{
    private TestCluster? _cluster;

    public override IClusterClient Client => (IClusterClient)_cluster!.Client;

    public override Task PassAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    public override async Task InitializeAsync()
    {
        var builder = new TestClusterBuilder(initialSilosCount: 2);
        builder.AddSiloBuilderConfigurator<Silo>();
        builder.AddClientBuilderConfigurator<ClientSide>();
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    // The grains' states are kept by the first silo; what the second one held moves.
    public override async Task RestartAsync() => await _cluster!.RestartSiloAsync(_cluster.SecondarySilos[0]);

    public override async Task DisposeAsync()
    {
        await _cluster!.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }

    private sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            // As our silos store: in Orleans' own serialization, not in its default JSON.
            siloBuilder.AddMemoryGrainStorage("store", options => options.Configure<Serializer>((storage, serializer) =>
                storage.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer)));
            siloBuilder.UseInMemoryReminderService();
            siloBuilder.AddIncomingGrainCallFilter<SeeingFilter>();
            siloBuilder.AddOutgoingGrainCallFilter<StampingFilter>();
        }
    }

    private sealed class ClientSide : IClientBuilderConfigurator
    {
        public void Configure(Microsoft.Extensions.Configuration.IConfiguration configuration, IClientBuilder clientBuilder) =>
            clientBuilder.AddOutgoingGrainCallFilter<StampingFilter>();
    }
}
#endif
