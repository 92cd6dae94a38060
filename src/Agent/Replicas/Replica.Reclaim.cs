using Notebook.Agent.State;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <content>
/// A reclaimed kernel's replicas have no processes, the executor neither, until one is needed (<see cref="StandbyRules"/>).
/// What a process has that the log has not keeps it, whatever the silo decided on older news; the silo is told of it.
/// </content>
internal sealed partial class Replica
{
    private bool _isDebugged;   // a debugger is attached to the process

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
        if (_isDebugged) return "a debugger is attached";
        if (!_uncopied.IsEmpty) return "it has values that cannot be copied";
        return _unconfirmed.Bytes > 0 ? "large values are on its server alone" : null;
    }

    /// <summary>
    /// A debugger is let go where another replica has become the executor: its client hears of that from the gateway, and
    /// must not find a cell stopped at a forgotten breakpoint when this one is the executor again.
    /// </summary>
    private void EndDebugging_NeedsLock(KernelLog state)
    {
        if (!_isDebugged || _process is not { KeepsState: true } process || !state.IsExecutorElsewhere) return;
        _isDebugged = false;
        _ = process.EndDebuggingAsync();
    }

    /// <summary>A message goes to the process.</summary>
    private void NoteDebugger_NeedsLock(JupyterFrame message)
    {
        if (message.MessageType != "debug_request") return;
        var command = MessageContent.Text(message.Content.Span, "command"u8);
        var isDebugged = command == "attach" || (_isDebugged && command != "disconnect");
        if (isDebugged == _isDebugged) return;
        _isDebugged = isDebugged;
        Tell_NeedsLock();
    }
}
