using Notebook.Links;

namespace Notebook.Agent.Replicas;

/// <summary>One gateway that takes a replica's outputs. Guarded by the replica's lock.</summary>
/// <param name="link">The gateway's link.</param>
/// <param name="after">It has everything up to this number.</param>
internal sealed class Attachment(Link link, ulong after)
{
    public Link Link => link;

    /// <summary>The number of the last output that was sent on the link.</summary>
    public ulong Sent { get; set; } = after;

    /// <summary>The number up to which its clients have the outputs.</summary>
    public ulong Delivered { get; set; } = after;

    /// <summary>Whether it fell behind, and a task of its own sends what is kept for it.</summary>
    public bool IsCatchingUp { get; set; }
}
