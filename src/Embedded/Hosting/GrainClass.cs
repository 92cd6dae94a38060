using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Notebook.Embedded.Hosting;

/// <summary>What the host knows of one grain class, worked out once.</summary>
internal sealed class GrainClass
{
    private readonly Func<Activation, object?>[] _parameters;
    private readonly ConstructorInvoker _constructor;
    private readonly ConcurrentDictionary<MethodInfo, MethodInfo> _implementations = new();
    private readonly IIncomingGrainCallFilter[] _hostFilters;
    private readonly bool _filtersItself;

    public GrainClass(Type type, IIncomingGrainCallFilter[] hostFilters)
    {
        Type = type;
        GrainType = GrainType.Create(type.GetCustomAttribute<GrainTypeAttribute>()?.Name ?? NameOf(type));
        Interfaces = [.. type.GetInterfaces().Where(i => typeof(IGrain).IsAssignableFrom(i) && !IsMarker(i))];
        Reentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        MayInterleave = MayInterleavePredicate(type);
        IdleLimit = type.IsDefined(typeof(KeepAliveAttribute), inherit: true)
            ? Timeout.InfiniteTimeSpan
            : type.GetCustomAttribute<CollectionAgeLimitAttribute>() is { } limit
                ? limit.AlwaysActive ? Timeout.InfiniteTimeSpan : limit.AgeLimit
                : null;
        _hostFilters = hostFilters;
        _filtersItself = typeof(IIncomingGrainCallFilter).IsAssignableFrom(type);
        var constructor = Constructor(type);
        _constructor = ConstructorInvoker.Create(constructor);
        _parameters = [.. constructor.GetParameters().Select(Resolver)];
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public Type[] Interfaces { get; }

    public bool Reentrant { get; }

    public Func<Request, bool>? MayInterleave { get; }

    /// <summary>How long it may idle; null for the host's default.</summary>
    public TimeSpan? IdleLimit { get; }

    /// <summary>Makes the grain object, with everything that its constructor asks for.</summary>
    public object Create(Activation activation) =>
        _constructor.Invoke(_parameters.Select(p => p(activation)).ToArray().AsSpan());

    /// <summary>The filters that a call to this grain passes; null when there are none.</summary>
    public IIncomingGrainCallFilter[]? Filters(Activation activation) => _filtersItself
        ? [.. _hostFilters, (IIncomingGrainCallFilter)activation.Instance!]
        : _hostFilters.Length > 0 ? _hostFilters : null;

    /// <summary>The method of this class that implements a method of one of its interfaces.</summary>
    public MethodInfo Implementation(MethodInfo method) => _implementations.GetOrAdd(method, m =>
    {
        var map = Type.GetInterfaceMap(m.DeclaringType!);
        return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, m)];
    });

    private static bool IsMarker(Type type) =>
        type == typeof(IGrain) || type == typeof(IGrainWithStringKey) || type == typeof(IGrainWithGuidKey)
        || type == typeof(IGrainWithIntegerKey) || type == typeof(IGrainWithGuidCompoundKey)
        || type == typeof(IGrainWithIntegerCompoundKey);

    // As Orleans: the class name in lower case, without "grain" at its end.
    private static string NameOf(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name;
    }

    private static ConstructorInfo Constructor(Type type)
    {
        var all = type.GetConstructors();
        return all.FirstOrDefault(c => c.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute)))
            ?? all.MaxBy(c => c.GetParameters().Length)
            ?? throw new InvalidOperationException($"grain class {type} has no public constructor");
    }

    private static Func<Activation, object?> Resolver(ParameterInfo parameter)
    {
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
        {
            if (!parameter.ParameterType.IsGenericType || parameter.ParameterType.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            {
                throw new InvalidOperationException($"{parameter.Member.DeclaringType}: [PersistentState] {parameter.Name} must be an IPersistentState<T>");
            }

            var type = parameter.ParameterType.GenericTypeArguments[0];
            return activation => activation.AddState(type, state.StateName, state.StorageName);
        }

        if (parameter.ParameterType == typeof(IGrainContext)) return activation => activation;
        return parameter.HasDefaultValue
            ? activation => activation.ActivationServices.GetService(parameter.ParameterType) ?? parameter.DefaultValue
            : activation => activation.ActivationServices.GetRequiredService(parameter.ParameterType);
    }

    private static Func<Request, bool>? MayInterleavePredicate(Type type)
    {
        if (type.GetCustomAttribute<MayInterleaveAttribute>() is not { } attribute) return null;
        var method = type.GetMethod(attribute.CallbackMethodName, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            ?? throw new InvalidOperationException($"{type} has no static method {attribute.CallbackMethodName} for its [MayInterleave]");
        var predicate = method.CreateDelegate<Func<IInvokable, bool>>();
        return request => request is GrainCall call && predicate(call);
    }
}
