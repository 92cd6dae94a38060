using Notebook.Silo.Storage;

namespace Notebook.Cluster.Tests;

/// <summary>On true Orleans, with all processes: what users see when silos are killed.</summary>
public sealed class SiloDeathTests(PostgresServer postgres) : IClassFixture<PostgresServer>
{
    private const string Ticking =
        """
        import time
        for tick in range(30):
            print(f"tick {tick};", flush=True)
            time.sleep(0.1)
        kept += 1
        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [PostgresFact]
    public async Task A_running_cell_finishes_and_the_next_one_works_whichever_silo_is_killed()
    {
        var database = await postgres.NewDatabaseAsync();
        await PostgresSchema.EnsureAsync(database, default);
        await using var cluster = await RealCluster.StartAsync(database);
        var kernel = await cluster.Api.StartKernelAsync();
        await using var session = await cluster.Api.ConnectAsync(kernel);
        await session.ExecuteAsync("kept = 0", s_patience);
        var output = string.Concat(Enumerable.Range(0, 30).Select(i => $"tick {i};\n"));

        foreach (var (silo, kept) in ((string, int)[])[("silo-1", 1), ("silo-2", 2)])
        {
            var running = await session.SubmitAsync(Ticking);
            await session.OutputOfAsync(running, "tick 3;", s_patience);
            cluster.Kill(silo);
            var cell = await session.EndOfAsync(running, s_patience);
            var next = await session.ExecuteAsync("kept", s_patience);
            Assert.Equal(output, cell.Stdout);
            Assert.Equal($"{kept}", next.Result);

            cluster.Restart(silo);
            await cluster.BothSilosAsync();
        }
    }
}
