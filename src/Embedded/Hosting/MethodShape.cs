using System.Reflection;
using Notebook.Embedded.Serialization;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>
/// What the host knows of one method of a grain interface, worked out once: how it may interleave, how to call it, and
/// how its result becomes the task that the caller awaits.
/// </summary>
internal abstract class MethodShape
{
    private readonly MethodInvoker _invoker;
    private readonly bool[]? _references;

    protected MethodShape(InterfaceShape owner, MethodInfo method)
    {
        Interface = owner;
        Method = method;
        Name = Aliases.Of(method) ?? method.Name;
        ParameterTypes = [.. method.GetParameters().Select(p => p.ParameterType)];
        OneWay = method.IsDefined(typeof(OneWayAttribute));
        ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        CancellationIndex = Array.IndexOf(ParameterTypes, typeof(CancellationToken));
        _invoker = MethodInvoker.Create(method);
        if (ParameterTypes.Any(IsReference)) _references = [.. ParameterTypes.Select(IsReference)];
    }

    public InterfaceShape Interface { get; }

    public MethodInfo Method { get; }

    /// <summary>Its alias, or else its name; unique in the interface.</summary>
    public string Name { get; }

    public Type[] ParameterTypes { get; }

    public bool OneWay { get; }

    public bool ReadOnly { get; }

    public bool AlwaysInterleave { get; }

    /// <summary>How long callers wait; null for the host's default.</summary>
    public TimeSpan? ResponseTimeout { get; }

    /// <summary>Which argument is the cancellation token, or -1.</summary>
    public int CancellationIndex { get; }

    /// <summary>What the caller gets, without the task around it; null when nothing.</summary>
    public abstract Type? ResultType { get; }

    public static MethodShape Of(InterfaceShape owner, MethodInfo method)
    {
        var type = method.ReturnType;
        if (method.IsGenericMethodDefinition)
        {
            throw new NotSupportedException($"{owner.Type}.{method.Name} is generic: methods of grain interfaces must not be");
        }

        var shape = type switch
        {
            _ when type == typeof(void) || type == typeof(Task) || type == typeof(ValueTask) => typeof(MethodShape<Nothing>),
            { IsGenericType: true } when type.GetGenericTypeDefinition() is var open
                && (open == typeof(Task<>) || open == typeof(ValueTask<>)) => typeof(MethodShape<>).MakeGenericType(type.GenericTypeArguments),
            _ => throw new NotSupportedException(
                $"{owner.Type}.{method.Name} returns {type.Name}: methods of grain interfaces return Task, Task<T>, ValueTask, ValueTask<T> or void"),
        };
        return (MethodShape)Activator.CreateInstance(shape, owner, method)!;
    }

    /// <summary>Calls through <paramref name="runtime"/>: what the method of a reference returns.</summary>
    public abstract object? Call(IReferenceRuntime runtime, GrainReference target, object?[] arguments);

    /// <summary>A call that did not come from a reference here, such as one from another process.</summary>
    public abstract GrainCall NewCall(GrainId target, object?[] arguments);

    /// <summary>Runs the method of <paramref name="target"/>; completes with the boxed result.</summary>
    public abstract ValueTask<object?> InvokeAsync(object target, object?[] arguments);

    protected object? Invoke(object target, object?[] arguments) => arguments.Length switch
    {
        0 => _invoker.Invoke(target),
        1 => _invoker.Invoke(target, arguments[0]),
        2 => _invoker.Invoke(target, arguments[0], arguments[1]),
        3 => _invoker.Invoke(target, arguments[0], arguments[1], arguments[2]),
        _ => _invoker.Invoke(target, arguments.AsSpan()),
    };

    /// <summary>Grains pass as references; an observer must already be one.</summary>
    protected void MakeReferences(object?[] arguments)
    {
        if (_references is null) return;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!_references[i] || arguments[i] is null or GrainReference) continue;
            arguments[i] = arguments[i] is IGrainObserver and not IGrainBase
                ? throw new NotSupportedException(
                    $"argument {i} of {Interface.Name}.{Name} is an observer object ({arguments[i]!.GetType()}): pass what CreateObjectReference returns for it")
                : ((IAddressable)arguments[i]!).AsReference(ParameterTypes[i]);
        }
    }

    private static bool IsReference(Type type) => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type);
}

/// <summary>The result of methods that have none.</summary>
internal readonly struct Nothing;
