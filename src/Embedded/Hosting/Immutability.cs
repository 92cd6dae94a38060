using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Numerics;
using System.Reflection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>
/// Grains in one process pass arguments and results as they are, not as copies. So they must not be changeable after
/// they are passed; this finds those that are, by their types, before the first call.
/// </summary>
internal static class Immutability
{
    private static readonly ConcurrentDictionary<Type, string?> Faults = new();

    private static readonly FrozenSet<Type> Plain = new[]
    {
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
        typeof(Guid), typeof(Uri), typeof(Version), typeof(BigInteger), typeof(CancellationToken), typeof(ReadOnlyMemory<byte>),
        typeof(GrainId), typeof(GrainType), typeof(IdSpan), typeof(GrainInterfaceType), typeof(TickStatus),
    }.ToFrozenSet();

    /// <summary>Throws when a method takes or returns something that could be changed.</summary>
    public static void Check(IEnumerable<Type> interfaces)
    {
        foreach (var method in interfaces.SelectMany(i => InterfaceShape.Of(i).Methods))
        {
            foreach (var parameter in method.Method.GetParameters().Where(p => !p.IsDefined(typeof(ImmutableAttribute))))
            {
                Demand(method, $"parameter {parameter.Name}", parameter.ParameterType);
            }

            if (method.ResultType is { } result) Demand(method, "result", result);
        }
    }

    /// <summary>Why values of this type could be changed; null when they cannot.</summary>
    public static string? Fault(Type type)
    {
        if (Faults.TryGetValue(type, out var known)) return known;
        Faults[type] = null; // A type that holds itself is as good as its other members.
        return Faults[type] = Find(type);
    }

    private static void Demand(MethodShape method, string what, Type type)
    {
        if (Fault(type) is not { } fault) return;
        throw new NotSupportedException(
            $"{method.Interface.Type.Name}.{method.Method.Name}: {what} could be changed after it is passed: {fault}. Pass sealed records and immutable collections.");
    }

    private static string? Find(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || Plain.Contains(type) || typeof(Exception).IsAssignableFrom(type)) return null;
        if (type.IsInterface && typeof(IAddressable).IsAssignableFrom(type)) return null;
        if (type.IsArray) return $"{type.Name} is an array; use ImmutableArray<T> or ReadOnlyMemory<byte>";
        if (type.IsGenericType && IsTrustedGeneric(type)) return type.GenericTypeArguments.Select(Fault).FirstOrDefault(f => f is not null);
        if (typeof(Delegate).IsAssignableFrom(type) || type.IsPointer || type == typeof(object)) return $"{type.Name} can be anything";
        if (type.IsInterface) return $"{type.Name} is an interface";
        if (type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true && !type.IsValueType) return $"{type.Name} is not known to be immutable";
        if (type.IsAbstract) return FindInHierarchy(type);
        if (type is { IsClass: true, IsSealed: false }) return $"{type.Name} is not sealed, so a changeable class may derive from it";
        return FindInFields(type);
    }

    private static bool IsTrustedGeneric(Type type)
    {
        var open = type.GetGenericTypeDefinition();
        return open == typeof(Nullable<>) || open == typeof(Immutable<>) || open == typeof(KeyValuePair<,>)
            || open.Namespace == typeof(ImmutableArray<>).Namespace && !open.Name.Contains("Builder", StringComparison.Ordinal)
            || open.Namespace == typeof(FrozenSet<>).Namespace
            || (open.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) || open.FullName.StartsWith("System.Tuple`", StringComparison.Ordinal));
    }

    // An abstract record is the closed set of the records that derive from it in its assembly.
    private static string? FindInHierarchy(Type type)
    {
        var cases = type.Assembly.GetTypes().Where(t => t != type && type.IsAssignableFrom(t)).ToArray();
        if (cases.Length == 0) return $"{type.Name} is abstract, and no record in its assembly derives from it";
        return FindInFields(type) ?? cases.Select(Fault).FirstOrDefault(f => f is not null);
    }

    private static string? FindInFields(Type type)
    {
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            foreach (var field in level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                // A struct is passed by value: setting its fields changes only a copy.
                if (!field.IsInitOnly && !type.IsValueType) return $"{type.Name}.{Plainly(field)} can be set";
                if (Fault(field.FieldType) is { } fault) return $"{type.Name}.{Plainly(field)}: {fault}";
            }
        }

        return null;
    }

    private static string Plainly(FieldInfo field) =>
        field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
}
