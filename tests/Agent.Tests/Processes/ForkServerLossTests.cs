using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Notebook.Agent.Kernels;
using Notebook.Agent.Processes;
using Notebook.JupyterWire.Zmq;

namespace Notebook.Agent.Tests.Processes;

/// <summary>A fork server that is killed takes its processes with it; starts go on with a new one.</summary>
public sealed class ForkServerLossTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nb-fork-").FullName;
    private readonly ZmqContext _zmq = new();
    private readonly ProcessFactory _factory;
    private readonly ProcessPool _pool;

    public ForkServerLossTests()
    {
        var spec = new LaunchableSpec(
            "python3", "Python 3", Python.WithIpykernel(), [], ImmutableDictionary<string, string>.Empty, ImmutableDictionary<string, byte[]>.Empty);
        _factory = new ProcessFactory(spec, new RunFolder(Path.Combine(_folder, "run")), _zmq, TimeProvider.System, NullLoggerFactory.Instance);
        _pool = new ProcessPool("python3", 1, _factory, TimeProvider.System, NullLogger<ProcessPool>.Instance);
    }

    [Fact]
    public async Task After_it_was_killed_between_starts_the_next_start_has_a_new_one()
    {
        for (var round = 0; round < 3; round++)
        {
            var process = await TakeAsync();
            KillForkServerOf(process);
            await process.Ended.Within("the process ends with its fork server");
        }

        Assert.Equal(ProcessPhase.Warm, (await TakeAsync()).Phase);
    }

    [Fact]
    public async Task Starts_under_way_when_it_is_killed_end_and_those_after_them_succeed()
    {
        for (var round = 0; round < 5; round++)
        {
            var process = await TakeAsync();
            var starts = Enumerable.Range(0, 4).Select(_ => TakeAsync()).ToList();
            KillForkServerOf(process);
            foreach (var start in starts) Assert.NotNull(await start);   // perhaps of the one that was killed; but it is answered
        }
    }

    [Fact]
    public async Task It_has_ended_when_its_process_has_though_somebody_still_holds_its_pipes()
    {
        // A fork server in its outlines, which leaves a process behind as a notebook may.
        var server = Path.Combine(_folder, "server");
        File.WriteAllText(server, """
            #!/bin/sh
            sleep 600 &
            echo $$ $! > "$HELD"
            echo '{"op": "ready", "pid": 1}'
            exec cat > /dev/null
            """);
        File.SetUnixFileMode(server, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var held = Path.Combine(_folder, "held");
        var spec = new LaunchableSpec("outline", "", server, [], ImmutableDictionary<string, string>.Empty.Add("HELD", held), ImmutableDictionary<string, byte[]>.Empty);
        var zygote = await Zygote.StartAsync(spec, TimeProvider.System, NullLogger.Instance, CancellationToken.None).Within("it is ready");
        var ids = (await File.ReadAllTextAsync(held)).Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture)).ToList();
        using var left = Process.GetProcessById(ids[1]);
        try
        {
            var before = zygote.ForkAsync("1", "", CancellationToken.None);
            using (var process = Process.GetProcessById(ids[0])) process.Kill();
            await Assert.ThrowsAsync<ProcessStartException>(() => before.Within("a start that was under way ends"));
            Assert.False(zygote.IsAlive);
            await Assert.ThrowsAsync<ProcessStartException>(() => zygote.ForkAsync("2", "", CancellationToken.None).Within("a start after its end ends"));
            await zygote.DisposeAsync();
        }
        finally
        {
            left.Kill();
        }
    }

    private Task<KernelProcess> TakeAsync() => _pool.TakeAsync(CancellationToken.None).Within("a process is started");

    private static void KillForkServerOf(KernelProcess process)
    {
        var parent = ParentOf(process.ProcessId);
        if (parent is null) return;   // it went with the last one already
        using var server = Process.GetProcessById(parent.Value);
        server.Kill();
    }

    private static int? ParentOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var parent = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
            return File.ReadAllText($"/proc/{parent}/cmdline").Contains("notebook_kernel.zygote", StringComparison.Ordinal) ? parent : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        _pool.Dispose();
        await _factory.DisposeAsync();
        _zmq.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
