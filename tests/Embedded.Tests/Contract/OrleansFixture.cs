#if ORLEANS_HOST
using Microsoft.Extensions.Configuration;
using Notebook.Embedded.Tests.Grains;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;
using Orleans.TestingHost;

namespace Notebook.Embedded.Tests.Contract;

/// <summary>True Orleans: two silos in this process, in real time.</summary>
public sealed class HostFixture : GrainHostFixture
{
    private TestCluster? _cluster;

    public override IClusterClient Client => _cluster!.Client;

    public override Task PassAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    public override async Task InitializeAsync()
    {
        var builder = new TestClusterBuilder(initialSilosCount: 2);
        builder.AddSiloBuilderConfigurator<Silo>();
        builder.AddClientBuilderConfigurator<ClientSide>();
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    // All activations end with their silos, one after the other, so that the client always has one.
    public override async Task RestartAsync()
    {
        foreach (var silo in _cluster!.Silos.ToArray())
        {
            await _cluster.RestartSiloAsync(silo);
            await _cluster.WaitForLivenessToStabilizeAsync();
        }
    }

    public override async Task DisposeAsync()
    {
        await _cluster!.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }

    private sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            siloBuilder.Services.AddGrainStorage("store", (_, _) => new ProcessStorage());
            siloBuilder.UseInMemoryReminderService();
            siloBuilder.AddIncomingGrainCallFilter<SeeingFilter>();
            siloBuilder.AddOutgoingGrainCallFilter<StampingFilter>();
        }
    }

    private sealed class ClientSide : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) =>
            clientBuilder.AddOutgoingGrainCallFilter<StampingFilter>();
    }
}
#endif
