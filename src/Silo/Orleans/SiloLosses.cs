using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notebook.Contracts;
using Notebook.Silo.Agents;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Silo.Placement;

/// <summary>
/// Makes up for what a silo took along when it died. One-way reports that were on their way to it are lost, so the
/// agents of this silo are asked to say everything again: their links are closed, and they dial at once. The grains that
/// lived there are woken, so that they look after their cells also when nobody calls.
/// </summary>
internal sealed partial class SiloLosses(
    IClusterMembershipService membership, AgentRegistry agents, IGrainFactory grains, TimeProvider time, ILogger<SiloLosses> log)
    : BackgroundService
{
    private const int Attempts = 30;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var alive = new HashSet<SiloAddress>();
        try
        {
            await WakeAsync(stoppingToken);
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                var now = snapshot.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.SiloAddress).ToHashSet();
                var lost = alive.Where(silo => !now.Contains(silo)).ToArray();
                alive = now;
                if (lost.Length > 0) await MakeUpAsync(string.Join(", ", lost.Select(s => s.ToString())), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    private async Task MakeUpAsync(string silo, CancellationToken stopping)
    {
        LogLost(silo);
        agents.BreakAll($"silo {silo} is gone: register again, so that nothing that it should have heard is missed");
        await WakeAsync(stopping);
    }

    private async Task WakeAsync(CancellationToken stopping)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                await grains.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key).View();
                return;
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                LogNotYet(attempt, e.Message);
                await Task.Delay(s_pause, time, stopping);
            }
        }
    }

    [LoggerMessage(EventId = 4111, Level = LogLevel.Warning, Message = "Silo {Silo} is gone; agents register again and its grains are woken here")]
    private partial void LogLost(string silo);

    [LoggerMessage(EventId = 4112, Level = LogLevel.Warning, Message = "The grains of a silo that is gone cannot be woken yet (attempt {Attempt}): {Reason}")]
    private partial void LogNotYet(int attempt, string reason);
}
