using Microsoft.Extensions.Logging;

namespace Notebook.Grains.Kernels;

/// <summary>
/// A kernel that nobody uses is ended for good, when the operator or its user wants that and <see cref="CullRules"/> say so. Here,
/// where its use is known and what gateways say of its clients, it happens once, however many gateways there are.
/// </summary>
internal sealed partial class KernelGrain
{
    private DateTimeOffset _knownSince;

    private void StartCulling()
    {
        _knownSince = time.GetUtcNow();
        if (culling.TimeoutOf(CullChoice.Of(_life!.Definition.Environment)) is null) return;
        this.RegisterGrainTimer(CullIfUnusedAsync, new GrainTimerCreationOptions(culling.Interval, culling.Interval) { KeepAlive = true });
    }

    private async Task CullIfUnusedAsync()
    {
        if (_life is not { Ended: false } life) return;
        var lastUsed = _idleSince > _lastActivity && _idleSince != DateTimeOffset.MaxValue ? _idleSince : _lastActivity;
        var kernel = new CullKernel(lastUsed, _queue.IsBusy, _subscribers.Connections, _knownSince, CullChoice.Of(life.Definition.Environment));
        if (CullRules.Reason(time.GetUtcNow(), culling, kernel) is not { } reason) return;
        LogCulled(Id, reason, kernel.Connections, kernel.IsBusy);
        await EndKernelAsync($"was culled: {reason}");
        await Manager.KernelCulled(Id, reason);
    }

    [LoggerMessage(EventId = 3023, Level = LogLevel.Warning, Message = "Kernel {Kernel} is culled: {Reason}; it has {Connections} clients, busy: {Busy}")]
    private partial void LogCulled(KernelId kernel, string reason, int connections, bool busy);
}
