namespace Notebook.Links;

/// <summary>Who a process is to its peers.</summary>
/// <param name="Role"><c>silo</c>, <c>gateway</c> or <c>agent</c>.</param>
/// <param name="Id">Its name within the role.</param>
public sealed record PeerIdentity(string Role, string Id)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Role} '{Id}'";
}

/// <summary>What a link is for; a listener serves some of them.</summary>
public static class LinkPurpose
{
    /// <summary>An agent's orders and reports; agents dial silos.</summary>
    public const string Agent = "agent";

    /// <summary>Grain calls of another process; gateways dial silos.</summary>
    public const string Grains = "grains";

    /// <summary>The bytes of Jupyter messages; gateways dial agents.</summary>
    public const string Data = "data";

    /// <summary>The replicated logs and large values of kernels; agents dial agents.</summary>
    public const string Peer = "peer";
}
