using Notebook.Agent.Peers;
using Notebook.Links;

namespace Notebook.Agent.Tests.Peers;

/// <summary>Dials over loopback, except to those that the test has put behind a wall.</summary>
internal sealed class WalledDialer(IPeerDialer dialer) : IPeerDialer
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _walled = [];
    private readonly Dictionary<string, Link> _links = [];

    public async Task<Link> DialAsync(string server, Uri address, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_walled.Contains(server)) throw new LinkException("the test's wall");
        }

        var link = await dialer.DialAsync(server, address, cancel);
        lock (_lock)
        {
            _links[server] = link;
            return link;
        }
    }

    /// <summary>Nothing gets through to this server, which has a link, from now on.</summary>
    public void Wall(string server)
    {
        lock (_lock)
        {
            _walled.Add(server);
            _links[server].Break("the test's wall");
        }
    }

    public void Open(string server)
    {
        lock (_lock) _walled.Remove(server);
    }
}
