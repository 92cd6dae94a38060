using System.Diagnostics;
using System.Globalization;
using Notebook.Acceptance.Tests.Platform;

namespace Notebook.Acceptance.Tests.Faults;

/// <summary>
/// The network between GPU servers and silo is cut in all ways, while cells run and between them: two executors never
/// both acknowledge, nothing acknowledged is lost, and every cell's client hears of its end.
/// </summary>
[Collection(ClusterGroup.Name)]
public class PartitionTests(PartitionFixture fixture, ITestOutputHelper output) : IClassFixture<PartitionFixture>, IAsyncLifetime
{
    private const string Silo = "silo";
    private const int RandomSteps = 12;
    private static readonly TimeSpan s_healLimit = TimeSpan.FromSeconds(60);
    private readonly List<string> _story = [];
    private string _kernel = "";
    private Rig.Client.KernelSession _session = null!;
    private Journal _journal = null!;

    private TestCluster Cluster => fixture.Cluster;

    public async Task InitializeAsync()
    {
        await HealAsync();
        _kernel = await Cluster.Platform.Api.StartKernelAsync();
        _session = await Cluster.Platform.Api.ConnectAsync(_kernel);
        await Cluster.ReplicasUpAsync(_kernel);
        _journal = new Journal(_session);
        await _journal.BeginAsync();
        await AppendAsync();
    }

    public async Task DisposeAsync()
    {
        Cluster.Network.Heal();
        output.WriteLine(string.Join('\n', _story));
        output.WriteLine(Cluster.Platform.LogTails());
        await _session.DisposeAsync();
        await Cluster.Platform.Api.DeleteKernelAsync(_kernel);
    }

    /// <summary>What becomes of the connection between an executor and the silo.</summary>
    public enum Fault
    {
        /// <summary>Nothing gets through.</summary>
        Cut,

        /// <summary>The same, and both find their connection broken.</summary>
        Reset,

        /// <summary>The executor's agent hears nothing.</summary>
        Deaf,

        /// <summary>It is not heard.</summary>
        Mute,
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task An_executor_that_reaches_silo_and_gateway_but_no_other_replica_acknowledges_nothing(bool during, bool reset)
    {
        var executor = await ExecutorAsync();
        var cell = during ? await _journal.BeginAppendAsync(seconds: 0.5) : null;
        CutFromOthers(executor, reset);

        var entry = await EndAsync(cell ?? await _journal.BeginAppendAsync(seconds: 0));

        Assert.Equal("ExecutorLost", entry.Outcome);
        await GoesOnWithoutAsync(executor);
    }

    /// <summary>What a long cell has computed is not given up for a moment's trouble in the middle, nor for some at its end.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(2)]
    public async Task A_cell_outlives_a_partition_that_is_healed_while_it_runs_or_soon_after(double seconds)
    {
        var executor = await ExecutorAsync();
        var cell = await _journal.BeginAppendAsync(seconds);
        CutFromOthers(executor, reset: true);
        await _journal.RunsOnAsync(cell, Math.Min(seconds, 2));   // by then it knows that it does not lead any more
        Cluster.Network.Heal();

        Assert.True((await EndAsync(cell)).IsAcknowledged);

        Assert.Equal(executor, await ExecutorAsync());
        await HealedAsync();
    }

    /// <summary>The gateway still reaches it: what it says after the silo has given it up must not reach the client.</summary>
    [Theory]
    [InlineData(true, Fault.Cut)]
    [InlineData(true, Fault.Reset)]
    [InlineData(false, Fault.Cut)]
    [InlineData(false, Fault.Reset)]
    [InlineData(false, Fault.Deaf)]
    [InlineData(false, Fault.Mute)]
    public async Task An_executor_that_is_cut_from_the_silo_alone_is_replaced(bool during, Fault fault)
    {
        var executor = await ExecutorAsync();
        var cell = during ? await _journal.BeginAppendAsync(seconds: 12) : null;
        switch (fault)
        {
            case Fault.Deaf:
                Block(Silo, executor);
                break;
            case Fault.Mute:
                Block(executor, Silo);
                break;
            default:
                Cut(executor, Silo, reset: fault == Fault.Reset);
                break;
        }

        if (cell is not null) Assert.Equal("ExecutorLost", (await EndAsync(cell)).Outcome);
        else await AppendAsync();

        await GoesOnWithoutAsync(executor);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_executor_that_reaches_nobody_but_the_gateway_is_replaced(bool reset)
    {
        var executor = await ExecutorAsync();
        var cell = await _journal.BeginAppendAsync(seconds: 0.5);
        CutFromOthers(executor, reset);
        Cut(executor, Silo, reset);

        Assert.False((await EndAsync(cell)).IsAcknowledged);

        await GoesOnWithoutAsync(executor);
    }

    [Fact]
    public async Task A_standby_that_is_cut_off_is_not_missed()
    {
        var executor = await ExecutorAsync();
        var standby = Others(executor)[0];
        foreach (var other in Others(standby)) Cut(standby, other, reset: false);
        Cut(standby, Silo, reset: false);

        for (var i = 0; i < 3; i++) Assert.True((await AppendAsync()).IsAcknowledged);

        await HealedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_executor_that_is_cut_from_the_others_in_one_direction_does_not_disturb_them_for_long(bool speaks)
    {
        var executor = await ExecutorAsync();
        var cell = await _journal.BeginAppendAsync(seconds: 0.5);
        foreach (var other in Others(executor)) Block(speaks ? other : executor, speaks ? executor : other);

        // Where the others hear it, they may have what it changed, though it never knows: then the next executor says so.
        Assert.True((await EndAsync(cell)) is { IsAcknowledged: false } || speaks);

        await GoesOnWithoutAsync(executor);
    }

    /// <summary>Random wires are blocked, slow or reset, while a cell runs and between two. <c>NOTEBOOK_FAULT_SEED</c> and <c>NOTEBOOK_FAULT_ROUNDS</c> as in <see cref="HostCrashTests"/>.</summary>
    [Fact]
    public async Task Whatever_is_cut_the_acknowledged_cells_are_one_sequence()
    {
        var (first, rounds) = Seeds.Read();
        for (var seed = first; seed < first + rounds; seed++)
        {
            Say($"seed {seed}");
            var random = new Random(seed);
            for (var step = 0; step < RandomSteps; step++)
            {
                var cell = random.Next(2) == 0 ? await _journal.BeginAppendAsync(random.Next(4) * 0.2) : null;
                for (var faults = random.Next(1, 4); faults > 0; faults--) Disturb(random);
                if (cell is not null) await EndAsync(cell);
                if (random.Next(3) > 0) await AppendAsync();
                Cluster.Network.Heal();
                if (random.Next(3) == 0) await AppendAsync();
            }

            await HealedAsync();
        }

        Assert.Contains(_journal.Entries, entry => entry.IsAcknowledged);
    }

    private void Disturb(Random random)
    {
        string[] names = [.. Cluster.Servers.Select(s => s.Id), Silo];
        var one = random.Next(TestCluster.Size);
        var other = (one + random.Next(1, names.Length)) % names.Length;
        switch (random.Next(4))
        {
            case 0:
                Block(names[one], names[other]);
                break;
            case 1:
                Cut(names[one], names[other], reset: random.Next(2) == 0);
                break;
            case 2:
                CutFromOthers(names[one], reset: random.Next(2) == 0);
                break;
            default:
                Say($"slow: {names[one]} -> {names[other]}");
                Cluster.Network.Wire(names[one], names[other]).Slow(TimeSpan.FromMilliseconds(random.Next(5, 200)));
                break;
        }
    }

    /// <summary>While the partition lasts the kernel goes on elsewhere; afterwards all is as before.</summary>
    private async Task GoesOnWithoutAsync(string executor)
    {
        Assert.True((await AppendAsync()).IsAcknowledged);
        Assert.NotEqual(executor, await ExecutorAsync());
        Assert.True((await AppendAsync()).IsAcknowledged);
        await HealedAsync();
    }

    private async Task HealedAsync()
    {
        await HealAsync();
        await Cluster.ReplicasUpAsync(_kernel);
        Assert.True((await AppendAsync()).IsAcknowledged);
        await _journal.CheckAsync();
        Acknowledgements.Check(Cluster.Platform);
    }

    private async Task HealAsync()
    {
        Cluster.Network.Heal();
        await Cluster.Platform.ClusterAsync("three servers that are up", s => s.Servers.Count(v => v.State == "up") == TestCluster.Size, s_healLimit);
    }

    private async Task<JournalEntry> AppendAsync()
    {
        var started = Stopwatch.GetTimestamp();
        return Told(await _journal.AppendAsync(), started);
    }

    private async Task<JournalEntry> EndAsync(string cell)
    {
        var started = Stopwatch.GetTimestamp();
        return Told(await _journal.EndAsync(cell), started);
    }

    private JournalEntry Told(JournalEntry entry, long started)
    {
        Say($"{entry.Token}: {entry.Outcome}, after {Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s");
        return entry;
    }

    private async Task<string> ExecutorAsync() =>
        (await Cluster.Platform.ClusterAsync("an executor", s => s.Executor(_kernel) is not null)).Executor(_kernel)!.Server;

    private IReadOnlyList<string> Others(string server) => [.. Cluster.Servers.Select(s => s.Id).Where(id => id != server)];

    private void CutFromOthers(string server, bool reset)
    {
        foreach (var other in Others(server)) Cut(server, other, reset);
    }

    private void Cut(string one, string other, bool reset)
    {
        Say($"cut: {one} | {other}{(reset ? ", reset" : "")}");
        Cluster.Network.Cut(one, other);
        if (reset) Cluster.Network.Reset(one, other);
    }

    private void Block(string from, string to)
    {
        Say($"block: {from} -> {to}");
        Cluster.Network.Wire(from, to).Block();
    }

    private void Say(string line) => _story.Add(line);
}

/// <summary>One cluster for all of them: each begins and ends with a whole network.</summary>
public sealed class PartitionFixture : IAsyncLifetime
{
    internal TestCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() => Cluster = await TestCluster.StartAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
