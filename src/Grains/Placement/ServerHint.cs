namespace Notebook.Grains.Placement;

/// <summary>
/// Tells placement which server a replica is on. A replica's key does not say it, and the grain that would know is the
/// one to be placed; so whoever calls a replica's grain names the server beside the call, in the request context.
/// </summary>
public static class ServerHint
{
    /// <summary>The value's name in the request context.</summary>
    public const string Key = "notebook.server";

    /// <summary>For the calls that follow.</summary>
    public static void Set(ServerId server) => RequestContext.Set(Key, server.Value);

    /// <summary>The grain of a replica on <paramref name="server"/>. Call it at once: the next hint replaces this one.</summary>
    internal static IReplicaGrain Replica(this IGrainFactory grains, ReplicaId replica, ServerId server)
    {
        Set(server);
        return grains.GetGrain<IReplicaGrain>(replica.Value);
    }
}
