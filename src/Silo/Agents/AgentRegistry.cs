using System.Collections.Concurrent;
using Notebook.Contracts;
using Notebook.Contracts.Agents;
using Notebook.Links;

namespace Notebook.Silo.Agents;

/// <summary>The agents that are connected to this silo, one link for each server, and the grains' door to them.</summary>
internal sealed class AgentRegistry : IAgentCommands
{
    private readonly ConcurrentDictionary<ServerId, Link> _links = new();

    /// <inheritdoc/>
    public bool TrySend(ServerId server, AgentCommand command) =>
        _links.TryGetValue(server, out var link) && link.TrySend(AgentMessages.ToMessage(command));

    /// <inheritdoc/>
    public void Disconnect(ServerId server, string reason)
    {
        if (_links.TryGetValue(server, out var link)) link.Break(reason);
    }

    /// <summary>Orders for this server go to this link from now on. An older link of the same server is closed.</summary>
    public void Set(ServerId server, Link link)
    {
        Link? replaced = null;
        _links.AddOrUpdate(server, link, (_, present) =>
        {
            replaced = present == link ? null : present;
            return link;
        });
        replaced?.Break($"a newer connection of agent '{server}' took its place: two agents must not have the same --id");
    }

    /// <summary>Closes every link: agents dial again at once, and register with all that they have.</summary>
    public void BreakAll(string reason)
    {
        foreach (var link in _links.Values) link.Break(reason);
    }

    /// <summary>The link is gone.</summary>
    /// <returns>False when a newer one has taken its place.</returns>
    public bool Remove(ServerId server, Link link) => _links.TryRemove(new(server, link));
}
