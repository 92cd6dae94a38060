using Notebook.Links;

namespace Notebook.Agent.Peers;

/// <summary>Makes links to other agents. Apart, so that a test can put a wall between two of them.</summary>
internal interface IPeerDialer
{
    /// <summary>Dials once.</summary>
    /// <param name="server">Whose agent is wanted.</param>
    /// <param name="address">Where it should be.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="LinkException">Nobody answers there, or refuses us.</exception>
    Task<Link> DialAsync(string server, Uri address, CancellationToken cancel);
}

/// <summary>Dials over the network.</summary>
internal sealed class PeerDialer(LinkDialer dialer) : IPeerDialer
{
    /// <inheritdoc/>
    public Task<Link> DialAsync(string server, Uri address, CancellationToken cancel) =>
        dialer.DialAsync(address, LinkPurpose.Peer, cancel);
}
