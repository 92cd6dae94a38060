using System.Collections.Concurrent;
using System.Reflection;
using Notebook.Embedded.Hosting;
using Orleans.Runtime;

namespace Notebook.Embedded.Client;

/// <summary>
/// An exception on the wire: its type's name and its message. It is made again as its own type when that type is one
/// of ours, of Orleans or of the base library and has a constructor for a message; otherwise as an <see cref="OrleansException"/>.
/// </summary>
internal sealed class WireFailure(KnownInterfaces known)
{
    private readonly ConcurrentDictionary<string, ConstructorInfo?> _constructors = new();

    public static ReadOnlyMemory<byte> Write(long number, Exception error) =>
        new FrameWriter(FrameKind.Failure).Number(number).Text(error.GetType().FullName ?? error.GetType().Name).Text(error.Message).Message;

    public Exception Read(ref FrameReader frame)
    {
        var (name, message) = (frame.Text(), frame.Text());
        return _constructors.GetOrAdd(name, Find) is { } constructor
            ? (Exception)constructor.Invoke([message])
            : new OrleansException($"{name}: {message}");
    }

    private ConstructorInfo? Find(string name) =>
        known.Assemblies.Append(typeof(OrleansException).Assembly).Append(typeof(Exception).Assembly).Append(typeof(Uri).Assembly)
            .Append(typeof(System.Text.Json.JsonException).Assembly)
            .Select(a => a.GetType(name))
            .FirstOrDefault(t => t is not null && typeof(Exception).IsAssignableFrom(t) && !t.IsAbstract)
            ?.GetConstructor(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, [typeof(string)]);
}
