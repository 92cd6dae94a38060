using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.State;

/// <summary>What an agent keeps of kernels on its disk goes when nobody needs it.</summary>
public sealed class KeptStateTests : IAsyncLifetime, IDisposable
{
    private readonly RunningAgent _agent = new();

    public Task InitializeAsync() => _agent.InitializeAsync();

    public Task DisposeAsync() => _agent.DisposeAsync();

    public void Dispose() => _agent.Dispose();

    [Fact]
    public async Task The_large_values_of_a_kernel_that_ended_go_and_those_of_others_stay()
    {
        var ended = await MakeLargeAsync(seed: 1);
        var before = Files(_agent.ChunksFolder);
        var other = await MakeLargeAsync(seed: 2);
        Assert.NotEmpty(before);
        var rest = Files(_agent.ChunksFolder).Except(before).ToArray();
        Assert.NotEmpty(rest);

        var gone = DeletedAsync(_agent.ChunksFolder, before);
        _agent.Silo.Order(new() { Stop = new() { Replica = ended } });
        await gone.Within("the large values of the kernel that ended go");
        Assert.Equal(rest.Order(), Files(_agent.ChunksFolder).Order());
        _agent.Silo.Order(new() { Stop = new() { Replica = other } });
    }

    [Fact]
    public async Task A_log_that_no_replica_has_open_is_told_and_goes_only_when_the_silo_says_so()
    {
        var replica = await MakeLargeAsync(seed: 3);
        await _agent.RestartAsync();
        var held = Assert.Single(_agent.Registration.Logs);
        Assert.Equal((replica, 1), (held.Replica, held.Incarnation));
        var files = Files(_agent.ChunksFolder);
        Assert.NotEmpty(files);

        _agent.Silo.Order(new() { Drop = new() { Replica = replica, Incarnation = 2 } });   // another one
        _agent.Silo.BreakLink();
        var again = await _agent.Silo.Registrations.NextAsync("it registers again", _ => true);
        Assert.Equal(held, Assert.Single(again.Logs));

        var gone = DeletedAsync(_agent.LogNamesFolder, Files(_agent.LogNamesFolder));
        _agent.Silo.Order(new() { Drop = new() { Replica = replica, Incarnation = 1 } });
        await gone.Within("the log goes");
        _agent.Silo.BreakLink();
        Assert.Empty((await _agent.Silo.Registrations.NextAsync("it registers without it", _ => true)).Logs);
    }

    [Fact]
    public async Task A_log_that_is_open_is_not_dropped_and_large_values_outlive_a_restart()
    {
        var replica = await MakeLargeAsync(seed: 4);
        await _agent.RestartAsync();
        var before = _agent.Silo.Reports.Unasked.Select(report => report.ProcessId).ToHashSet();
        _agent.Silo.Order(new() { Start = _agent.StartOrder(replica, 1) });
        _agent.Silo.Order(new() { Drop = new() { Replica = replica, Incarnation = 1 } });
        await _agent.Silo.Reports.NextAsync("it is ready again", r => r.Phase == ReplicaPhase.ReplicaReady && !before.Contains(r.ProcessId));
        await using var gateway = await FakeGateway.DialAsync(_agent.DataAddress, _agent.Key);
        await gateway.AttachAsync(replica);
        var cell = gateway.Stage(replica, "print(f'{len(large)} {large[0]}')");
        _agent.Run(replica, cell, 2, epoch: 2);
        await gateway.NextAsync(cell, "stream", "300000 4");
    }

    private async Task<string> MakeLargeAsync(int seed)
    {
        var (replica, gateway) = await _agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, $"large = bytes([{seed}]) * 300_000");
        _agent.Run(replica, cell, 1);
        await _agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionSucceeded);
        return replica;
    }

    private static string[] Files(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories);

    private static async Task DeletedAsync(string folder, string[] files)
    {
        using var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Deleted += (_, _) =>
        {
            if (!files.Any(File.Exists)) gone.TrySetResult();
        };
        watcher.EnableRaisingEvents = true;
        if (!files.Any(File.Exists)) return;
        await gone.Task;
    }
}
