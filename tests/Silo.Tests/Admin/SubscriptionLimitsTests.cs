using System.Text.Json.Nodes;
using Notebook.Hosting;

namespace Notebook.Silo.Tests.Admin;

/// <summary>How far resources may be promised more than once, as the silo's command line says.</summary>
public sealed class SubscriptionLimitsTests
{
    [Fact]
    public async Task A_kernel_that_would_pass_the_limit_for_gpus_finds_no_server()
    {
        await using var silo = await SiloUnderTest.StartAsync("--subscription-limits", "1,7,2");
        await using var agent = await silo.AgentAsync("agent-1", gpus: 2);
        using var http = silo.Http();
        Assert.Equal(1, (double)JsonNode.Parse(await http.GetStringAsync("/admin/cluster"))!["subscription_limit"]!);

        // Two GPUs, once over, at three replicas a kernel: there are six to promise.
        for (var i = 0; i < 3; i++)
        {
            Assert.IsType<StartKernelOutcome.Started>(await StartAsync(silo));
            await agent.StartNextAsync();
        }

        Assert.IsNotType<StartKernelOutcome.Started>(await StartAsync(silo));
    }

    [Theory]
    [InlineData("7,7")]
    [InlineData("0,7,2")]
    [InlineData("7,many,2")]
    public async Task Limits_that_are_none_are_one_line(string limits)
    {
        var refusal = await Assert.ThrowsAsync<UserException>(() => SiloUnderTest.StartAsync("--subscription-limits", limits));
        Assert.Equal(
            ($"--subscription-limits {limits}: it must be three numbers from 1 to 1000, for GPUs, CPUs and memory, such as 7,7,2", ExitCodes.Usage),
            (refusal.Message, refusal.ExitCode));
    }

    private static Task<StartKernelOutcome> StartAsync(SiloUnderTest silo) => silo.Manager.StartKernel(
        new KernelRequest(null, "", "ann", ImmutableDictionary<string, string>.Empty, null, new ResourceRequest(2)));
}
