using System.Collections.Immutable;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>One call on its way: what is called, with what, by whom, and the promise of its result.</summary>
internal abstract class GrainCall(MethodShape method, GrainId target, object?[] arguments)
{
    public MethodShape Method { get; } = method;

    public GrainId Target { get; } = target;

    public object?[] Arguments { get; } = arguments;

    /// <summary>The reference that was called, when there is one here: it remembers the activation.</summary>
    public GrainReference? Reference { get; init; }

    /// <summary>The calling activation; null when a client calls.</summary>
    public IGrainContext? Source { get; set; }

    /// <summary>The caller's <see cref="RequestContext"/>.</summary>
    public ImmutableDictionary<string, object>? Context { get; set; }

    /// <summary>Whether the caller has its answer, so that nobody waits any more.</summary>
    public abstract bool IsAnswered { get; }

    /// <summary>Ends with the answer.</summary>
    public abstract Task Answer { get; }

    /// <summary>The boxed result of an answered call.</summary>
    public abstract object? Value { get; }

    public abstract bool TrySucceed(object? result);

    public abstract bool TryFail(Exception error);
}

/// <inheritdoc/>
internal sealed class GrainCall<T>(MethodShape method, GrainId target, object?[] arguments) : GrainCall(method, target, arguments)
{
    // The answer comes on the callee's turn; the caller's code must not run there.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Result => _answer.Task;

    public override bool IsAnswered => _answer.Task.IsCompleted;

    public override Task Answer => _answer.Task;

    public override object? Value => _answer.Task.Result;

    public override bool TrySucceed(object? result) => _answer.TrySetResult(result is null ? default! : (T)result);

    public override bool TryFail(Exception error) =>
        error is OperationCanceledException cancelled ? TryCancel(cancelled) : _answer.TrySetException(error);

    // A cancelled task throws TaskCanceledException with the token; the message of the original would be lost, so it is
    // kept as a fault unless it says nothing of its own.
    private bool TryCancel(OperationCanceledException error) => _answer.TrySetCanceled(error.CancellationToken);
}
