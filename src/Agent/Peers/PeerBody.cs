namespace Notebook.Agent.Peers;

/// <summary>For whom the bytes of a frame between two agents are.</summary>
internal enum PeerBody
{
    /// <summary>The replicated logs.</summary>
    Raft,

    /// <summary>The exchange of chunks.</summary>
    Objects,
}
