using Notebook.Contracts.Provisioning;

namespace Notebook.Grains.Provisioning;

/// <summary>
/// Servers that take as long to come and go as a cloud's: normally distributed, 15 ± 2 s and 10 ± 1 s unless said
/// otherwise, from a seed. What coming and going means is the caller's.
/// </summary>
/// <param name="seed">Of the times: the same seed and the same order of calls give the same times.</param>
/// <param name="time">The clock.</param>
/// <param name="come">The server is there, and connects.</param>
/// <param name="go">The server goes.</param>
public sealed class SimulatedProvisioner(int seed, TimeProvider time, Func<ServerId, Task> come, Func<ServerId, Task> go) : IServerProvisioner
{
    private readonly Random _random = new(seed);

    /// <summary>Time to add a server: mean and standard deviation, in seconds.</summary>
    public (double Mean, double Deviation) Out { get; init; } = (15, 2);

    /// <summary>Time to remove one: mean and standard deviation, in seconds.</summary>
    public (double Mean, double Deviation) In { get; init; } = (10, 1);

    /// <inheritdoc/>
    public string Name => "simulated";

    /// <inheritdoc/>
    public Task<ProvisionOutcome> AddAsync(ServerId server, CancellationToken cancel) => AfterAsync(Out, () => come(server), cancel);

    /// <inheritdoc/>
    public Task<ProvisionOutcome> RemoveAsync(ServerId server, CancellationToken cancel) => AfterAsync(In, () => go(server), cancel);

    private async Task<ProvisionOutcome> AfterAsync((double Mean, double Deviation) seconds, Func<Task> then, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(Draw(seconds)), time, cancel);
        }
        catch (OperationCanceledException)
        {
            return new ProvisionOutcome.Failed("it was cancelled");
        }

        await then();
        return new ProvisionOutcome.Done();
    }

    /// <summary>By Box and Muller, and never below zero.</summary>
    private double Draw((double Mean, double Deviation) of)
    {
        lock (_random)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble()));
            return Math.Max(0, of.Mean + (of.Deviation * radius * Math.Cos(2 * Math.PI * _random.NextDouble())));
        }
    }
}
