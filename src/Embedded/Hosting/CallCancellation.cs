namespace Notebook.Embedded.Hosting;

/// <summary>
/// Carries a caller's cancellation to the callee. The caller is free at once; the callee's own token is cancelled on
/// one of the callee's turns, so that what the grain registered on it is as single-threaded as the rest of the grain.
/// </summary>
internal sealed class CallCancellation(CancellationToken caller) : IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenRegistration _registration;
    private CancellationTokenSource? _callee;
    private Action<CancellationTokenSource>? _cancelOnTurn;
    private bool _cancelled;

    /// <summary>Called once, before the call leaves.</summary>
    public void Watch(GrainCall call) => _registration = caller.UnsafeRegister(
        static (state, token) =>
        {
            var pending = (GrainCall)state!;
            pending.Cancellation!.Cancel();
            pending.Fail(new OperationCanceledException(token));
        },
        call);

    /// <summary>Called when the call begins to run: gives the callee its own token.</summary>
    public void Deliver(GrainCall call, Activation activation) =>
        call.Arguments[call.Method.CancellationIndex] = Begin(source =>
            activation.Turns.Post(static s => ((CancellationTokenSource)s!).Cancel(), source));

    /// <summary>The same for an observer, which has no turns.</summary>
    public void DeliverTo(GrainCall call) =>
        call.Arguments[call.Method.CancellationIndex] = Begin(static source => source.Cancel());

    private CancellationToken Begin(Action<CancellationTokenSource> cancelOnTurn)
    {
        lock (_gate)
        {
            _callee = new();
            _cancelOnTurn = cancelOnTurn;
            if (_cancelled) _callee.Cancel();
            return _callee.Token;
        }
    }

    public void Dispose() => _registration.Unregister();

    private void Cancel()
    {
        lock (_gate)
        {
            _cancelled = true;
            if (_callee is null) return;
        }

        _cancelOnTurn!(_callee);
    }
}
