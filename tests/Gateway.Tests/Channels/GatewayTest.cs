using Notebook.Gateway.Tests.Fakes;

namespace Notebook.Gateway.Tests.Channels;

/// <summary>A gateway with clients' sockets before it, and a fake cluster and agent behind it.</summary>
public abstract class GatewayTest : IAsyncLifetime
{
    private protected TestGateway Gateway { get; private set; } = null!;

    private protected FakeAgent Agent => Gateway.Agent;

    public async Task InitializeAsync() => Gateway = await TestGateway.StartAsync();

    public async Task DisposeAsync() => await Gateway.DisposeAsync();

    private protected static string Replica(FakeKernel kernel, int number = 0) => ReplicaId.Of(kernel.Id, number).Value;

    private protected Task WaitForConnectionsAsync(FakeKernel kernel, int count) =>
        Waiting.Until(() => Gateway.ConnectionsOf(kernel) == count, $"{count} connections");
}
