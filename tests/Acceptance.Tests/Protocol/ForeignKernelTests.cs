using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Corpus;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Protocol;

/// <summary>A kernel that is not ours, for its clients: one process, whose end they are told of.</summary>
[Collection(PlatformGroup.Name)]   // so that it does not run beside the others
public sealed class ForeignKernelTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly TemporaryDirectory _specs = new();
    private NotebookPlatform? _platform;

    public async Task InitializeAsync()
    {
        EchoKernel.WriteTo(_specs.Path);
        _platform = await NotebookPlatform.UpAsync(gpus: "simulated:1", more: ["--kernelspecs", _specs.Path]);
    }

    public async Task DisposeAsync()
    {
        output.WriteLine(Platform.LogTails());
        await Platform.DisposeAsync();
    }

    public void Dispose() => _specs.Dispose();

    private NotebookPlatform Platform => _platform!;

    [Fact]
    public async Task It_is_offered_runs_is_interrupted_and_restarted_and_the_status_says_what_it_is()
    {
        var spec = (await Platform.Api.SendAsync(HttpMethod.Get, "api/kernelspecs/echo")).Body!["spec"]!;
        Assert.Equal(("Echo", "echo", "message"), (spec["display_name"]!.GetValue<string>(), spec["language"]!.GetValue<string>(), spec["interrupt_mode"]!.GetValue<string>()));
        Assert.Equal("""{"colour":"blue","notebook":{"replicated":false}}""", spec["metadata"]!.ToJsonString());
        var refused = await Platform.Api.SendAsync(HttpMethod.Post, "api/kernels", """{"name":"echo","durability":"all"}""");
        Assert.True(refused.Status is 400 or 403, $"{refused.Status}");
        Assert.Contains("leave them out", refused.Body!.ToJsonString(), StringComparison.Ordinal);

        var (kernel, session) = await OpenAsync();
        await using var _ = session;
        Assert.Equal("one", (await session.ExecuteAsync("one", s_limit)).Stdout);
        Assert.Equal("one two", (await session.ExecuteAsync("two", s_limit)).Stdout);
        var model = (await Platform.Api.SendAsync(HttpMethod.Get, $"api/kernels/{kernel}")).Body!;
        Assert.False(model["replicated"]!.GetValue<bool>());
        var patched = await Platform.Api.SendAsync(HttpMethod.Patch, $"api/kernels/{kernel}", """{"durability":"all"}""");
        Assert.Equal(400, patched.Status);
        var status = (await Platform.StatusAsync()).Json["kernels"]!.AsArray().Single(k => k!["id"]!.GetValue<string>() == kernel)!;
        Assert.Equal((false, "none", 1), (status["replicated"]!.GetValue<bool>(), status["durability"]!.GetValue<string>(), status["replicas"]!.AsArray().Count));

        var sleeping = await session.SubmitAsync("sleep");
        await session.OutputOfAsync(sleeping, "asleep", s_limit);
        Assert.Equal(204, (await Platform.Api.SendAsync(HttpMethod.Post, $"api/kernels/{kernel}/interrupt", "{}")).Status);
        Assert.Equal("KeyboardInterrupt", (await session.EndOfAsync(sleeping, s_limit)).ErrorName);
        Assert.Equal("one two three", (await session.ExecuteAsync("three", s_limit)).Stdout);
        Assert.Single(session.Received.Select(m => m.Header.Session).Distinct());

        Assert.Equal(200, (await Platform.Api.SendAsync(HttpMethod.Post, $"api/kernels/{kernel}/restart", "{}")).Status);
        Assert.Equal("four", (await session.ExecuteAsync("four", s_limit)).Stdout);
    }

    [Fact]
    public async Task When_its_process_dies_its_clients_are_told_that_it_restarts_and_a_drained_server_waits_for_it()
    {
        var (kernel, session) = await OpenAsync();
        await using var _ = session;
        await session.ExecuteAsync("one", s_limit);

        var lost = await session.EndOfAsync(await session.SubmitAsync("die"), s_limit);
        Assert.Equal("ExecutorLost", lost.ErrorName);
        Assert.Contains("the kernel's variables with it", lost.ErrorValue, StringComparison.Ordinal);
        await session.WaitAsync("restarting", m => m.IsStatus("restarting"), s_limit);
        Assert.Equal("two", (await session.ExecuteAsync("two", s_limit)).Stdout);
        Assert.Equal(2, session.Received.Select(m => m.Header.Session).Distinct().Count());

        var server = (await Platform.StatusAsync()).Executor(kernel)!.Server;
        (await Platform.RunAsync("drain", server, "--no-wait")).Checked();
        Assert.Contains("it is not replicated", (await Platform.RunAsync("drain", server, "--no-wait", "--json")).Checked().Stdout, StringComparison.Ordinal);
        Assert.Equal("two three", (await session.ExecuteAsync("three", s_limit)).Stdout);
        await Platform.Api.DeleteKernelAsync(kernel);
        Assert.Contains("is empty", (await Platform.RunAsync("drain", server)).Checked().Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_that_finds_no_gpu_at_its_server_waits_for_one_there()
    {
        var (kernel, session) = await OpenAsync();
        await using var _ = session;
        var pid = (await session.ExecuteAsync("pid", s_limit, ServerGates.Wanting(1))).Stdout;
        var server = (await Platform.StatusAsync()).Executor(kernel)!.Server;
        await using var gates = await ServerGates.MakeAsync(Platform, gpus: 1);
        while (gates.Open == server) await gates.NextAsync();

        var waiting = await session.SubmitAsync("pid", metadata: ServerGates.Wanting(1));
        await Platform.ClusterAsync("its cell waits", s => s.Json["kernels"]!.AsArray()
            .Single(k => k!["id"]!.GetValue<string>() == kernel)!["queue"]!.AsArray().Any(c => c!["state"]!.GetValue<string>() == "waiting"), s_limit);
        while (gates.Open != server) await gates.NextAsync();
        Assert.Equal(pid, (await session.EndOfAsync(waiting, s_limit)).Stdout);
    }

    private async Task<(string Kernel, KernelSession Session)> OpenAsync()
    {
        var kernel = await Platform.Api.StartKernelAsync("echo", new JsonObject());
        return (kernel, await Platform.Api.ConnectAsync(kernel));
    }
}
