using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>Which connection leads to which client, for calls to observers in other processes.</summary>
internal sealed class ClientRoutes
{
    private readonly ConcurrentDictionary<string, Action<GrainCall>> _routes = new();

    /// <summary>A client's newest connection takes the place of an older one.</summary>
    public void Set(string client, Action<GrainCall> route) => _routes[client] = route;

    /// <summary>Ends a route, unless a newer one has taken its place.</summary>
    public void Remove(string client, Action<GrainCall> route) => _routes.TryRemove(new(client, route));

    public void Deliver(string client, GrainCall call)
    {
        if (_routes.TryGetValue(client, out var route)) route(call);
        else call.Fail(new ClientNotAvailableException($"{call}: its client is not connected"));
    }
}
