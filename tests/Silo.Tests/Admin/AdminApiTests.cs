using System.Net;
using System.Text.Json.Nodes;

namespace Notebook.Silo.Tests.Admin;

/// <summary>The admin API is an interface: the names are pinned here.</summary>
public sealed class AdminApiTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    [InlineData("")]
    public async Task Without_the_token_there_is_no_answer_but_why(string? token)
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var http = silo.Http(token);
        var response = await http.GetAsync("/admin/cluster");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("Authorization: Bearer", JsonNode.Parse(await response.Content.ReadAsStringAsync())!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("ok", JsonNode.Parse(await http.GetStringAsync("/healthz"))!["status"]!.ToString());
    }

    [Fact]
    public async Task The_cluster_is_shown_with_the_names_that_programs_rely_on()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await using var agent = await silo.AgentAsync("agent-1");
        var started = Assert.IsType<StartKernelOutcome.Started>(await silo.Manager.StartKernel(
            new KernelRequest(null, "", "ann", ImmutableDictionary<string, string>.Empty, null, null)));
        await agent.StartNextAsync();
        var kernel = silo.Grains.GetGrain<IKernelGrain>(started.View.Kernel.Value);
        await kernel.Submit(new CellSubmission("m1", null, true, false));
        await kernel.Submit(new CellSubmission("m2", null, true, false));
        await agent.NextRunAsync("m1");

        using var http = silo.Http();
        var cluster = JsonNode.Parse(await http.GetStringAsync("/admin/cluster"))!;
        Assert.Equal("servers kernels cells queue gpu_queue moves subscription_limit policies regime scaling culled_kernels", Names(cluster));
        Assert.Equal(
            "policy provisioner target minimum maximum on_their_way leaving last_decision decided_at failures errors", Names(cluster["scaling"]!));
        Assert.Equal(("peak", "none", "1"), (cluster["scaling"]!["policy"]!.ToString(), cluster["scaling"]!["provisioner"]!.ToString(), cluster["scaling"]!["target"]!.ToString()));

        var server = cluster["servers"]![0]!;
        Assert.Equal("id address pid state gpus subscription_ratio promised_gpus replicas load storage pool draining resources", Names(server));
        Assert.Equal("target warm hits misses start_ms holding_ms process_memory_mb reason", Names(server["pool"]!));
        Assert.Equal(("3", "2", "80.5"), (server["pool"]!["target"]!.ToString(), server["pool"]!["warm"]!.ToString(), server["pool"]!["start_ms"]!.ToString()));
        Assert.Equal("spec committed held promised", Names(server["resources"]!));
        Assert.Equal("gpus gpu_memory_mb milli_cpus memory_mb", Names(server["resources"]!["spec"]!));
        Assert.Equal("index uuid kind name memory_mb leased_by", Names(server["gpus"]![0]!));
        Assert.Equal("cpu_share memory_used_mb memory_total_mb warm_processes", Names(server["load"]!));
        Assert.Equal(("up", "simulated"), (server["state"]!.ToString(), server["gpus"]![0]!["kind"]!.ToString()));
        Assert.Equal(started.View.Kernel.Value, server["gpus"]![0]!["leased_by"]!.ToString());
        Assert.Null(server["gpus"]![1]!["leased_by"]);

        var shown = cluster["kernels"]![0]!;
        Assert.Equal(
            "id name user state reason executor durability state_safe standbys session incarnation last_activity queue replicas unreplicated resources moving reclaimed connections replicated losses",
            Names(shown));
        Assert.Equal("id server role standby phase pid reason", Names(shown["replicas"]![0]!));
        Assert.Equal(
            ("busy", "state", "none", "executor", "4711"),
            (shown["state"]!.ToString(), shown["durability"]!.ToString(), shown["standbys"]!.ToString(),
                shown["replicas"]![0]!["role"]!.ToString(), shown["replicas"]![0]!["pid"]!.ToString()));

        Assert.Equal("kernel message_id execution state running waiting_for server gpus", Names(cluster["cells"]![0]!));
        Assert.Equal(("m1", "agent-1"), (cluster["cells"]![0]!["message_id"]!.ToString(), cluster["cells"]![0]!["server"]!.ToString()));
        Assert.Equal(("m2", "the cells before it"), (cluster["queue"]![0]!["message_id"]!.ToString(), cluster["queue"]![0]!["waiting_for"]!.ToString()));
    }

    [Fact]
    public async Task A_cell_that_waits_for_gpus_is_shown_in_the_clusters_queue()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await using var agent = await silo.AgentAsync("agent-1");
        var kernels = new List<KernelId>();
        for (var i = 0; i < 2; i++)
        {
            var started = Assert.IsType<StartKernelOutcome.Started>(await silo.Manager.StartKernel(
                new KernelRequest(null, "", "ann", ImmutableDictionary<string, string>.Empty, null, new ResourceRequest(2))));
            await agent.StartNextAsync();
            kernels.Add(started.View.Kernel);
            await silo.Grains.GetGrain<IKernelGrain>(started.View.Kernel.Value).Submit(new CellSubmission($"m{i}", null, true, false));
            if (i == 0) await agent.NextRunAsync("m0");
        }

        var second = silo.Grains.GetGrain<IKernelGrain>(kernels[1].Value);
        await Waiting.Until(
            async () => (await second.View())!.Cells is [{ WaitingFor: { } why }] && why.Contains("cluster's queue", StringComparison.Ordinal), "the second waits for GPUs");
        using var http = silo.Http();
        var cluster = JsonNode.Parse(await http.GetStringAsync("/admin/cluster"))!;
        var waiting = Assert.Single((JsonArray)cluster["gpu_queue"]!)!;
        Assert.Equal("place kernel execution user asks since waiting_for", Names(waiting));
        var decision = ((JsonArray)JsonNode.Parse(await http.GetStringAsync($"/admin/explain/{kernels[1].Value}"))!)[^1]!;
        Assert.Equal("at kind kernel execution policy outcome reason considered", Names(decision));
        Assert.Equal("what verdict", Names(decision["considered"]![0]!));
        Assert.Equal(("executor", "1", "waits"), (decision["kind"]!.ToString(), decision["execution"]!.ToString(), decision["outcome"]!.ToString()));
        Assert.Equal((kernels[1].Value, "1", "2"), (waiting["kernel"]!.ToString(), waiting["place"]!.ToString(), waiting["asks"]!["gpus"]!.ToString()));
    }

    [Fact]
    public async Task A_server_is_drained_and_used_again_and_one_that_is_unknown_is_named()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await using var agent = await silo.AgentAsync("agent-1");
        using var http = silo.Http();
        using var drained = await http.PostAsync("/admin/servers/agent-1/drain", null);
        var answer = JsonNode.Parse(await drained.Content.ReadAsStringAsync())!;
        Assert.Equal("server draining replicas reason", Names(answer));
        Assert.Equal(("true", "0"), (answer["draining"]!.ToString(), answer["replicas"]!.ToString()));
        Assert.IsType<StartKernelOutcome.NoServers>(await silo.Manager.StartKernel(
            new KernelRequest(null, "", "ann", ImmutableDictionary<string, string>.Empty, null, null)));

        using var undone = await http.DeleteAsync("/admin/servers/agent-1/drain");
        Assert.Equal("false", JsonNode.Parse(await undone.Content.ReadAsStringAsync())!["draining"]!.ToString());
        using var unknown = await http.PostAsync("/admin/servers/nobody/drain", null);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("no server 'nobody'", JsonNode.Parse(await unknown.Content.ReadAsStringAsync())!["message"]!.ToString(), StringComparison.Ordinal);
    }

    private static string Names(JsonNode node) => string.Join(' ', ((JsonObject)node).Select(p => p.Key));
}
