using Notebook.Links;

namespace Notebook.Agent.Peers;

/// <summary>
/// Which of two agents dials the other: the one with the ordinally smaller server id. So a pair has one link, nobody has
/// to choose between two that were dialled at the same time, and only one side needs to know an address.
/// </summary>
internal static class PeerRules
{
    /// <summary>What an agent is called in a handshake.</summary>
    public const string Role = "agent";

    /// <summary>Whether the agent of server <paramref name="self"/> dials that of <paramref name="other"/>.</summary>
    public static bool Dials(string self, string other) => string.CompareOrdinal(self, other) < 0;

    /// <summary>Why an agent does not take a link from this dialler; null when it does.</summary>
    public static string? FaultOf(PeerIdentity self, PeerIdentity dialler) =>
        dialler.Role != Role ? $"{self} serves '{LinkPurpose.Peer}' to agents only"
        : dialler.Id == self.Id ? $"it has the same server id as {self}: give every agent an --id of its own"
        : !Dials(dialler.Id, self.Id) ? $"of two agents the one with the smaller server id dials, and that is {self}"
        : null;
}
