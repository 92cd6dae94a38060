using System.Collections.Concurrent;
using Notebook.Links;

namespace Notebook.Gateway.Agents;

/// <summary>The data links of this gateway, one for each agent address in use.</summary>
internal sealed class AgentLinks(LinkDialer dialer, GatewayCounters counters, TimeProvider time, ILogger<AgentLinks> log) : IDisposable
{
    private readonly ConcurrentDictionary<Uri, AgentLink> _links = [];

    /// <summary>The link to the agent at <paramref name="address"/>; dialled when something is attached to it.</summary>
    public AgentLink To(Uri address) =>
        _links.GetOrAdd(address, a => new AgentLink(a, dialer, counters, time, log));

    public void Dispose()
    {
        foreach (var link in _links.Values) link.Dispose();
    }
}
