namespace Notebook.Grains.Tests.Scenarios;

/// <summary>The sessions of Jupyter's clients, beside their kernels.</summary>
public sealed class SessionScenarios
{
    [Fact]
    public async Task Sessions_outlive_the_silo_and_go_with_their_kernel()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var kernel = new KernelId((await cluster.StartKernelAsync()).GetPrimaryKeyString());
        var (one, other) = (new JupyterSession("1", "a.ipynb", "a", "notebook", kernel), new JupyterSession("2", "b.ipynb", "", "console", new("k")));
        Assert.IsType<AddSessionOutcome.Added>(await Sessions(cluster).Add(one));
        Assert.IsType<AddSessionOutcome.Added>(await Sessions(cluster).Add(other));
        Assert.Equal(new AddSessionOutcome.Exists(one), await Sessions(cluster).Add(one with { Id = "3" }));
        var renamed = await Sessions(cluster).Change("2", new("c.ipynb", null, null, null));

        await cluster.RestartSiloAsync(crash: true);
        Assert.Equal([one, renamed!], (await Sessions(cluster).List()).ToArray());
        Assert.Equal(renamed, await Sessions(cluster).At("c.ipynb"));
        await cluster.Agents.ConnectAsync("a", 2);

        Assert.True(await cluster.Grains.GetGrain<IKernelGrain>(kernel.Value).Shutdown());
        await GrainCluster.UntilAsync(async () => await Sessions(cluster).Find("1") is null, "its session is gone");
        Assert.Equal(renamed, Assert.Single(await Sessions(cluster).List()));
        await Sessions(cluster).Remove("2");
        Assert.Empty(await Sessions(cluster).List());
    }

    [Fact]
    public async Task A_change_that_could_not_be_stored_has_not_happened()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var session = new JupyterSession("1", "a.ipynb", "a", "notebook", new("k"));
        await Sessions(cluster).Add(session);
        cluster.Writes.FailNext(Sessions(cluster));
        await Assert.ThrowsAnyAsync<Exception>(() => Sessions(cluster).Change("1", new("b.ipynb", null, null, null)));
        await GrainCluster.UntilAsync(async () => await Sessions(cluster).Find("1") == session, "it is as it was stored");
    }

    private static ISessionsGrain Sessions(GrainCluster cluster) => cluster.Grains.GetGrain<ISessionsGrain>(ISessionsGrain.Key);
}
