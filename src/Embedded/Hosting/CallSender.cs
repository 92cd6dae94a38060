using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>
/// What happens to every call before it leaves, the same for a host and a client: request context, filters, the time
/// to answer, cancellation. Then <paramref name="deliver"/> takes it.
/// </summary>
internal sealed class CallSender(
    CallTimeouts timeouts, TimeSpan defaultTimeout, IOutgoingGrainCallFilter[] filters, Action<GrainCall> deliver)
{
    public void Send(GrainCall call)
    {
        call.Context = RequestContext.Snapshot;
        call.Source = RuntimeContext.Current;
        if (filters.Length == 0) Leave(call);
        else _ = new OutgoingCall(call, filters, Leave).RunAsync();
    }

    /// <summary>Sends a call that has its context already.</summary>
    public void Leave(GrainCall call)
    {
        if (call.Method.CancellationIndex >= 0 && Token(call) is { CanBeCanceled: true } token)
        {
            if (token.IsCancellationRequested)
            {
                call.Fail(new OperationCanceledException(token));
                return;
            }

            call.Cancellation = new(token);
        }

        if (!call.Method.OneWay) timeouts.Watch(call, call.Method.ResponseTimeout ?? defaultTimeout);
        call.Cancellation?.Watch(call);
        deliver(call);
    }

    private static CancellationToken Token(GrainCall call) =>
        call.Arguments[call.Method.CancellationIndex] is CancellationToken token ? token : default;
}
