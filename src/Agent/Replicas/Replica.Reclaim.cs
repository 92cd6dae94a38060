using Notebook.Agent.State;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <content>
/// A reclaimed kernel's replicas have no processes, the executor neither, until one is needed (<see cref="StandbyRules"/>).
/// What a process has that the log has not keeps it, whatever the silo decided on older news; the silo is told of it.
/// </content>
internal sealed partial class Replica
{
    private readonly ProcessTies _ties = new();

    /// <summary>The same order again, perhaps with another way to keep the state.</summary>
    private void Repeat_NeedsLock(StartReplica order)
    {
        if (order.Reclaimed && !_order!.Reclaimed) _lastUse = null;   // the silo has waited long enough
        _order = order;
    }

    /// <summary>Why the process may not end although its kernel is idle; null when it may, or is none of an executor.</summary>
    private string? Held_NeedsLock()
    {
        if (_process is null || _state is not { IsExecutorHere: true }) return null;
        if (_ties.Reason is { } tie) return tie;
        if (!_uncopied.IsEmpty) return "it has values that cannot be copied";
        return _unconfirmed.Bytes > 0 ? "large values are on its server alone" : null;
    }

    /// <summary>
    /// A debugger is let go where another replica has become the executor: its client hears of that from the gateway, and
    /// must not find a cell stopped at a forgotten breakpoint when this one is the executor again.
    /// </summary>
    private void EndDebugging_NeedsLock(KernelLog state)
    {
        if (!_ties.IsDebugged || _process is not { KeepsState: true } process || !state.IsExecutorElsewhere) return;
        _ties.EndDebugging();
        _ = process.EndDebuggingAsync();
    }

    /// <summary>A message goes to the process, or comes from it.</summary>
    private void NoteTie_NeedsLock(JupyterFrame message)
    {
        if (_ties.Note(message)) Tell_NeedsLock();
    }
}
