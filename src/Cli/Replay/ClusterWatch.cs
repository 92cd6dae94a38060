using Notebook.Cli.Platform;
using Notebook.Simulator.Results;

namespace Notebook.Cli.Replay;

/// <summary>Looks at the platform once a second, and writes down its GPUs over time.</summary>
internal sealed class ClusterWatch(ReplayPlatform platform, ReplayClock clock, TimeProvider time)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    /// <summary>What was seen: servers, their GPUs, those leased and promised, and the queue.</summary>
    public RunSeries Series { get; } = new();

    /// <summary>The most replicas that a kernel had; at least 1.</summary>
    public int Replicas { get; private set; } = 1;

    /// <summary>Looks until it is told to stop. A silo that is away for a while leaves the last values as they are.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var admin = new AdminClient(platform.Silo, platform.Token);
        using var timer = new PeriodicTimer(s_every, time);
        try
        {
            do
            {
                if (await admin.ClusterAsync(stop) is { } status) Add(ClusterSample.Of(status));
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nothing more is to be seen.
        }
    }

    private void Add(ClusterSample sample)
    {
        var now = clock.Now;
        Series.Servers.Add(now, sample.Servers);
        Series.ProvisionedGpus.Add(now, sample.Gpus);
        Series.LeasedGpus.Add(now, sample.LeasedGpus);
        Series.PromisedGpus.Add(now, sample.PromisedGpus);
        Series.QueueLength.Add(now, sample.Queue);
        Replicas = Math.Max(Replicas, sample.Replicas);
    }
}
