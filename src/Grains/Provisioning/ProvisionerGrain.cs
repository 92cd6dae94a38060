using Notebook.Contracts.Provisioning;

namespace Notebook.Grains.Provisioning;

/// <summary>
/// The shell round a provisioner's calls for one server. They run beside this grain's turns, one after the other; one that does
/// not heed its limit is left behind.
/// </summary>
internal sealed class ProvisionerGrain(IServerProvisioner provisioner, TimeProvider time) : Grain, IProvisionerGrain
{
    /// <summary>How long a cancelled call may take to say what became of it.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(10);

    private Task _last = Task.CompletedTask;
    private CancellationTokenSource? _cancel;   // of the operation under way
    private bool _ends;

    private ServerId Server => new(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public Task Operate(long operation, bool add, TimeSpan limit)
    {
        _cancel?.Cancel();
        DelayDeactivation(limit + s_lastWords + s_lastWords);
        _last = OperateAsync(_last, operation, add, limit);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _ends = true;   // the manager has it in its record, and asks again
        if (_cancel is not null) await _cancel.CancelAsync();
    }

    private async Task OperateAsync(Task before, long operation, bool add, TimeSpan limit)
    {
        using var cancel = new CancellationTokenSource(limit, time);
        _cancel = cancel;
        await before;   // one that was cancelled ends soon
        var outcome = await AskAsync(add, limit, cancel.Token);
        if (_cancel == cancel) _cancel = null;
        if (_ends) return;
        await GrainFactory.GetGrain<IClusterManagerGrain>(IClusterManagerGrain.Key).Provisioned(Server, operation, outcome);
    }

    private async Task<ProvisionOutcome> AskAsync(bool add, TimeSpan limit, CancellationToken cancel)
    {
        try
        {
            var call = add ? provisioner.AddAsync(Server, cancel) : provisioner.RemoveAsync(Server, cancel);
            return await call.WaitAsync(limit + s_lastWords, time, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            return new ProvisionOutcome.Failed($"{Words(add)}: not done after {limit.TotalSeconds:0} s, and cancelled");
        }
        catch (TimeoutException)
        {
            return new ProvisionOutcome.Failed($"{Words(add)}: the provisioner '{provisioner.Name}' has not answered for {(limit + s_lastWords).TotalSeconds:0} s");
        }
#pragma warning disable CA1031 // a provisioner may be anybody's: what it throws is a failure of this operation, and of nothing else
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new ProvisionOutcome.Failed($"{Words(add)}: the provisioner '{provisioner.Name}' failed: {e.Message}");
        }
    }

    private string Words(bool add) => $"server {Server} could not be {(add ? "added" : "removed")}";
}
