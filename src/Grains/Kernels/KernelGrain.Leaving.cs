using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Kernels;

/// <summary>
/// Replicas that go. That one goes is stored before anybody hears of it; then its grain and its server are told until both have
/// heard, so that no fault on the way leaves a process or a promise behind.
/// </summary>
internal sealed partial class KernelGrain
{
    private static readonly TimeSpan s_lettingGo = TimeSpan.FromSeconds(5);

    private IGrainTimer? _lettingGo;   // set while somebody has to be told again

    /// <summary>Tells those that are to go; whoever cannot be told now is told later.</summary>
    private async Task LetGoAsync()
    {
        foreach (var leaving in _life!.Leaving.ToArray())
        {
            try
            {
                await RemoveAsync(leaving.Replica, leaving.Server);
                _life.Gone(leaving);
                _recordIsBehind = true;   // to tell it again would be harmless
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                LogNotGone(Id, leaving.Replica, leaving.Server, e.Message);
            }
        }

        if (_life.Leaving.Count > 0)
        {
            _lettingGo ??= this.RegisterGrainTimer(LetGoAgainAsync, new GrainTimerCreationOptions(s_lettingGo, s_lettingGo) { KeepAlive = true });
            return;
        }

        _lettingGo?.Dispose();
        _lettingGo = null;
    }

    private Task LetGoAgainAsync() => _life is null ? Task.CompletedTask : _life.Ended ? LeaveAsync() : LetGoAsync();

    /// <summary>The kernel ended: ends its replicas, and is forgotten when that is done.</summary>
    private async Task LeaveAsync()
    {
        if (_life!.Replicas.Count > 0)
        {
            _life.RemoveAll();
            await StoreAsync();
        }

        await LetGoAsync();
        if (_life.Leaving.Count > 0) return;
        await StoreAsync();
        await Manager.KernelEnded(Id);
        await GrainFactory.GetGrain<ISessionsGrain>(ISessionsGrain.Key).KernelEnded(Id);
        _life = null;
        DeactivateOnIdle();
    }

    private async Task RemoveAsync(ReplicaId replica, ServerId server)
    {
        await GrainFactory.Replica(replica, server).Remove();
        await Server(server).Unplace(replica);
    }

    [LoggerMessage(EventId = 3031, Level = LogLevel.Warning, Message = "Kernel {Kernel}: replica {Replica} of server {Server} is to go, and could not be told: {Reason}")]
    private partial void LogNotGone(KernelId kernel, ReplicaId replica, ServerId server, string reason);
}
