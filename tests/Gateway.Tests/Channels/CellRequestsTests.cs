using Notebook.Gateway.Tests.Fakes;
using Notebook.JupyterWire.WebSockets;
using Kind = Notebook.Links.Protocol.GatewayToAgent.BodyOneofCase;

namespace Notebook.Gateway.Tests.Channels;

/// <summary>What a cell asks for, is refused, and waits for.</summary>
public sealed class CellRequestsTests : GatewayTest
{
    [Fact]
    public async Task A_refused_cell_is_an_error_with_the_reason()
    {
        var kernel = Gateway.RunningKernel();
        kernel.OnSubmit = _ => new SubmitOutcome.Refused("no server has 9 GPUs");
        await using var client = await Gateway.ConnectAsync(kernel);
        var all = await client.UntilIdleAsync(await client.ExecuteAsync());
        Assert.Equal(["status", "error", "execute_reply", "status"], all.Select(r => r.Type));
        Assert.Equal("no server has 9 GPUs", all[1].Text("evalue"));
    }

    [Theory]
    [InlineData("""{"resource_request":{"gpus":-1}}""", "gpus")]
    [InlineData("""{"resource_request":{"gpus":1.5}}""", "whole")]
    [InlineData("""{"resource_request":{"tpus":1}}""", "tpus")]
    [InlineData("""{"resource_request":{"gpus":"two"}}""", "number")]
    [InlineData("""{"resource_request":[]}""", "object")]
    [InlineData("""{"resource_request":{"gpus":100000}}""", "1,024")]
    [InlineData("""{"resource_request":{"gpus":1e999}}""", "1,024")]
    [InlineData("""{"resource_request":{"gpus":true}}""", "number")]
    [InlineData("""{"resource_request":{"gpus":{"n":1}}}""", "number")]
    [InlineData("""{"resource_request":{"gpus":1,"vram":-0.5}}""", "vram")]
    [InlineData("""{"resource_request":{"gpus":1,"cpus":1e12}}""", "cpus")]
    [InlineData("""{"resource_request":{"gpus":1,"memory":-1}}""", "memory")]
    [InlineData("""{"resource_request":"2 GPUs"}""", "object")]
    [InlineData("""{"resource_request":0}""", "object")]
    public async Task A_faulty_resource_request_is_refused(string metadata, string expected)
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var all = await client.UntilIdleAsync(await client.ExecuteAsync(metadata));
        Assert.Contains(expected, all.Single(r => r.Type == "execute_reply").Text("evalue"), StringComparison.Ordinal);
        Assert.Equal(1, Gateway.Counters[GatewayCounters.RefusedMessages]);
    }

    [Theory]
    [InlineData("%%gpu 3\\nx", """{"resource_request":{"gpus":2}}""", 3)]
    [InlineData("x", """{"resource_request":{"gpus":2}}""", 2)]
    [InlineData("%gpu 3", """{"resource_request":{"gpus":2}}""", 2)]
    [InlineData("%gpu 3", "{}", 0)]
    [InlineData("x", """{"resource_request":{}}""", null)]
    [InlineData("x", """{"resource_request":null,"trusted":true}""", null)]
    [InlineData("%gpu", "{}", null)]
    public async Task What_a_cell_s_code_asks_for_counts_more_than_its_metadata(string code, string metadata, int? gpus)
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var content = $$"""{"silent":false,"code":"{{code}}","stop_on_error":false}""";
        await client.SendAsync(SocketChannel.Shell, "execute_request", content, metadata);
        var submitted = await kernel.SubmittedAsync();
        Assert.Equal((gpus is { } n ? new ResourceRequest(n) : null, false), (submitted.Resources, submitted.StopOnError));
        var staged = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        Assert.Equal((content, metadata), (staged.Content.ToStringUtf8(), staged.Metadata.ToStringUtf8()));
    }

    [Fact]
    public async Task Code_that_asks_for_what_cannot_be_had_is_refused_and_the_kernel_lives()
    {
        var kernel = Gateway.RunningKernel();
        await using var client = await Gateway.ConnectAsync(kernel);
        var id = await client.SendAsync(SocketChannel.Shell, "execute_request", """{"code":"%%gpu many\nx = 1","silent":false}""");
        var all = await client.UntilIdleAsync(id);
        Assert.Equal(["status", "error", "execute_reply", "status"], all.Select(r => r.Type));
        Assert.StartsWith("%%gpu takes a number of GPUs, not 'many'", all[2].Text("evalue"), StringComparison.Ordinal);
        var next = await client.ExecuteAsync();
        Assert.Equal(next, (await kernel.SubmittedAsync()).MessageId);
    }

    [Fact]
    public async Task A_cell_that_waits_for_GPUs_says_so_again_when_the_reason_is_another_one()
    {
        await using var gateway = await TestGateway.StartAsync(
            o => o with { WaitNoticeAfter = TimeSpan.FromMilliseconds(10), WaitNoticeEvery = TimeSpan.FromMilliseconds(10) }, Gateway.Cluster, Agent);
        var kernel = Gateway.RunningKernel();
        await using var client = await gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        await kernel.SubmittedAsync();
        kernel.Change(v => v with { Cells = [new CellView(id, 1, false, "2 GPUs, 0 are free", null)] });
        var notice = await client.UntilAsync("stream");
        Assert.Equal((id, "stderr", "[waiting for 2 GPUs, 0 are free]\n"), (notice.ParentId, notice.Text("name"), notice.Text("text")));
        kernel.Change(v => v with { Cells = [new CellView(id, 1, false, "2 GPUs, 1 is free", null)] });
        Assert.Equal("[waiting for 2 GPUs, 1 is free]\n", (await client.UntilAsync("stream")).Text("text"));
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("1", false)]
    public async Task Users_and_operators_can_have_no_such_words(string variable, bool gatewaySays)
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { WaitNotices = gatewaySays, WaitNoticeAfter = TimeSpan.Zero }, Gateway.Cluster, Agent);
        var environment = ImmutableDictionary<string, string>.Empty.Add("NOTEBOOK_WAIT_NOTICES", variable);
        var kernel = Gateway.Cluster.Add(new KernelRequest(null, "", "default", environment, null, null));
        kernel.Run(Agent);
        await using var client = await gateway.ConnectAsync(kernel);
        var id = await client.ExecuteAsync();
        var cell = (await Agent.NextAsync(Kind.Stage)).Stage.Message;
        await kernel.SubmittedAsync();
        kernel.Change(v => v with { Cells = [new CellView(id, 1, false, "2 GPUs, 0 are free", null)] });
        Agent.Answer(Replica(kernel), cell);
        Assert.Equal(["status", "execute_reply", "status"], (await client.UntilIdleAsync(id)).Select(r => r.Type));
    }
}
