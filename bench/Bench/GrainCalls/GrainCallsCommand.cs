using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Notebook.Embedded;
using Notebook.Embedded.Client;
using Orleans;

namespace Notebook.Bench.GrainCalls;

/// <summary><c>grain-calls</c>: what a call to a grain and a write of its state cost on the embedded host.</summary>
internal static class GrainCallsCommand
{
    public static Command Build()
    {
        var rounds = new Option<int>("--rounds") { Description = "Calls of each kind.", DefaultValueFactory = _ => 20_000 };
        var command = new Command("grain-calls", "Calls to grains in the process and through a client, and writes of state, on the embedded host.") { rounds };
        command.SetAction(async (parsed, _) => await RunAsync(parsed.GetValue(rounds)));
        return command;
    }

    private static async Task<int> RunAsync(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("grain-calls-");
        await using var services = new ServiceCollection()
            .AddEmbeddedGrains(options =>
            {
                options.GrainAssemblies.Add(typeof(GrainCallsCommand).Assembly);
                options.DatabasePath = Path.Combine(folder.FullName, "grains.db");
            })
            .BuildServiceProvider();
        var host = services.GetServices<IHostedService>().ToArray();
        foreach (var service in host) await service.StartAsync(default);
        var local = services.GetRequiredService<IGrainFactory>();
        var (ours, theirs) = InMemoryGrainTransport.CreatePair();
        var serving = services.GetRequiredService<GrainEndpoint>().ServeAsync(theirs, default);
        var client = new GrainClient(
            new() { Dial = _ => Task.FromResult<IGrainTransport>(ours) }, services, TimeProvider.System, NullLogger<GrainClient>.Instance, []);
        client.Start();

        await PrintAsync("call in the process", rounds, local.GetGrain<ICountGrain>("a").Next);
        await PrintAsync("call of a grain by a grain", rounds, local.GetGrain<ICountGrain>("a").CallOther);
        await PrintAsync("call through a client", rounds, client.Grains.GetGrain<ICountGrain>("a").Next);
        await PrintAsync("write of state", rounds, local.GetGrain<ICountGrain>("b").Write);
        await PrintTogetherAsync("calls to 16 grains at once", rounds, i => local.GetGrain<ICountGrain>($"c{i}").Next);
        await PrintTogetherAsync("writes by 16 grains at once", rounds, i => local.GetGrain<ICountGrain>($"d{i}").Write);

        await client.DisposeAsync();
        await serving;
        foreach (var service in host) await service.StopAsync(default);
        folder.Delete(recursive: true);
        return 0;
    }

    private static async Task PrintAsync(string what, int rounds, Func<Task<int>> call)
    {
        for (var i = 0; i < rounds / 10; i++) await call();
        var times = new TimeSpan[rounds];
        for (var i = 0; i < rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await call();
            times[i] = Stopwatch.GetElapsedTime(start);
        }

        Print(what, Percentiles.Of(times));
    }

    // The grain makes the calls, so that the figure is one call, without the way into the grains.
    private static async Task PrintAsync(string what, int rounds, Func<int, Task<TimeSpan>> count)
    {
        await count(rounds / 10);
        var total = await count(rounds);
        Console.Out.WriteLine($"{what,-28} mean {total.TotalMicroseconds / rounds,8:F2} µs");
    }

    private static async Task PrintTogetherAsync(string what, int rounds, Func<int, Func<Task<int>>> of)
    {
        const int Grains = 16;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Grains).Select(async grain =>
        {
            var call = of(grain);
            for (var i = 0; i < rounds / Grains; i++) await call();
        }));
        Console.Out.WriteLine($"{what,-28} {rounds / Stopwatch.GetElapsedTime(start).TotalSeconds,10:N0} a second");
    }

    private static void Print(string what, Percentiles p) =>
        Console.Out.WriteLine($"{what,-28} p50 {p.P50 * 1000,8:F1} µs   p90 {p.P90 * 1000,8:F1} µs   p99 {p.P99 * 1000,8:F1} µs");
}
