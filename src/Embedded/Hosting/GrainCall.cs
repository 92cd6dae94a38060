using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Notebook.Embedded.Virtual;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Orleans.Storage;

namespace Notebook.Embedded.Hosting;

/// <summary>One call on its way: what is called, with what, by whom, and the promise of its answer.</summary>
internal abstract class GrainCall(MethodShape method, GrainId target, object?[] arguments) : Request, IInvokable
{
    public MethodShape Method { get; } = method;

    /// <summary>The grain or observer; a silo corrects a client's guess of the grain's kind.</summary>
    public GrainId Target { get; set; } = target;

    public object?[] Arguments { get; } = arguments;

    /// <summary>The reference that was called, when there is one here: it remembers the activation.</summary>
    public GrainReference? Reference { get; init; }

    /// <summary>The calling activation; null when a client calls.</summary>
    public IGrainContext? Source { get; set; }

    /// <summary>The caller's <see cref="RequestContext"/>.</summary>
    public ImmutableDictionary<string, object>? Context { get; set; }

    /// <summary>Its place in the list of calls whose time may run out.</summary>
    public LinkedListNode<PendingCall>? Deadline { get; set; }

    /// <summary>Carries the caller's cancellation to the callee; null when the caller cannot cancel.</summary>
    public CallCancellation? Cancellation { get; set; }

    /// <summary>Called once, when the call has its answer, on the thread that gave it.</summary>
    public Action? Released { get; set; }

    public override bool AlwaysInterleaves => Method.AlwaysInterleave;

    public override bool ReadsOnly => Method.ReadOnly;

    public override Guid Chain => Context is null ? Guid.Empty : RequestContext.ChainOf(Context);

    public override bool IsObsolete => Answer.IsCompleted;

    /// <summary>Ends with the answer.</summary>
    public abstract Task Answer { get; }

    /// <summary>The boxed result of an answered call.</summary>
    public abstract object? Value { get; }

    /// <summary>Why an answered call failed; null when it did not.</summary>
    public Exception? Error => Answer.IsCanceled ? new OperationCanceledException("the call was cancelled") : Answer.Exception?.InnerException;

    public override async Task RunAsync(Activation activation)
    {
        try
        {
            RequestContext.Snapshot = Context;
            Cancellation?.Deliver(this, activation);
            var result = activation.Class.Filters(activation) is { } filters
                ? await new IncomingCall(this, activation, filters).RunAsync()
                : await Method.InvokeAsync(activation.Instance!, Arguments);
            Succeed(result);
        }
        catch (Exception error)
        {
            // The grain's state in memory is stale then; the next call gets a fresh activation.
            if (error is InconsistentStateException) activation.EndAfterFailure(error);
            if (Method.OneWay) activation.Host.Log.LogWarning(error, "one-way call {Call} failed", this);
            Fail(error);
        }
    }

    public override void Reject(Exception error)
    {
        Fail(error);
    }

    /// <summary>Answers the call; a call that has its answer keeps it.</summary>
    public void Succeed(object? result)
    {
        if (TrySucceed(result)) Release();
    }

    /// <summary>Answers the call with a failure; a call that has its answer keeps it.</summary>
    public void Fail(Exception error)
    {
        if (!TryFail(error)) return;

        // Nobody awaits a one-way call: its failure is known here, and must not look like a forgotten one.
        if (Method.OneWay) _ = Answer.Exception;
        Release();
    }

    public int GetArgumentCount() => Arguments.Length;

    public object? GetArgument(int index) => Arguments[index];

    public void SetArgument(int index, object? value) => Arguments[index] = value;

    public string GetMethodName() => Method.Method.Name;

    public string GetInterfaceName() => Method.Interface.Name;

    public System.Reflection.MethodInfo GetMethod() => Method.Method;

    public Type GetInterfaceType() => Method.Interface.Type;

    public override string ToString() => $"{Method.Interface.Name}.{Method.Name} to {Target}";

    protected abstract bool TrySucceed(object? result);

    protected abstract bool TryFail(Exception error);

    private void Release()
    {
        if (Deadline is { } deadline) deadline.Value.List.Remove(deadline);
        Cancellation?.Dispose();
        Released?.Invoke();
    }
}

/// <inheritdoc/>
internal sealed class GrainCall<T>(MethodShape method, GrainId target, object?[] arguments) : GrainCall(method, target, arguments)
{
    // The answer comes on the callee's turn; the caller's code must not run there. In virtual time there is one thread, which
    // nothing may leave: there a grain's awaits go to its own turns, and everybody else's to the world, all the same.
    private readonly TaskCompletionSource<T> _answer =
        new(VirtualWorld.IsThisThread ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Result => _answer.Task;

    public override Task Answer => _answer.Task;

    public override object? Value => _answer.Task.Result;

    protected override bool TrySucceed(object? result) => _answer.TrySetResult(result is null ? default! : (T)result);

    protected override bool TryFail(Exception error) => error is OperationCanceledException cancelled
        ? _answer.TrySetCanceled(cancelled.CancellationToken.IsCancellationRequested ? cancelled.CancellationToken : new(true))
        : _answer.TrySetException(error);
}
