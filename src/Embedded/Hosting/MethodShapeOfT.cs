using System.Reflection;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>A method whose result is a <typeparamref name="T"/>.</summary>
internal sealed class MethodShape<T>(InterfaceShape owner, MethodInfo method) : MethodShape(owner, method)
{
    private readonly bool _valueTask = method.ReturnType.IsValueType && method.ReturnType != typeof(void);
    private readonly bool _void = method.ReturnType == typeof(void);

    public override Type? ResultType => typeof(T) == typeof(Nothing) ? null : typeof(T);

    public override object? Call(IReferenceRuntime runtime, GrainReference target, object?[] arguments)
    {
        MakeReferences(arguments);
        var call = new GrainCall<T>(this, target.GrainId, arguments) { Reference = target };
        runtime.Send(call);
        if (_void) return null;
        var task = OneWay ? Finished : call.Result;
        if (!_valueTask) return task;
        return typeof(T) == typeof(Nothing) ? new ValueTask(task) : new ValueTask<T>(task);
    }

    public override GrainCall NewCall(GrainId target, object?[] arguments) => new GrainCall<T>(this, target, arguments);

    public override ValueTask<object?> InvokeAsync(object target, object?[] arguments)
    {
        return Invoke(target, arguments) switch
        {
            Task<T> { IsCompletedSuccessfully: true } done => new(done.Result),
            Task<T> task => Box(task),
            Task { IsCompletedSuccessfully: true } => default,
            Task task => Plain(task),
            ValueTask<T> { IsCompletedSuccessfully: true } done => new(done.Result),
            ValueTask<T> task => Box(task.AsTask()),
            ValueTask task => Plain(task.AsTask()),
            null when _void => default,
            _ => throw new InvalidOperationException($"{target.GetType()}.{Method.Name} returned null instead of a task"),
        };
    }

    private static readonly Task<T> Finished = Task.FromResult(default(T)!);

    private static async ValueTask<object?> Box(Task<T> task) => await task;

    private static async ValueTask<object?> Plain(Task task)
    {
        await task;
        return null;
    }
}
