namespace Notebook.Gateway.Kernels;

/// <summary>One message in a kernel's <see cref="OutputLog"/>.</summary>
/// <param name="message">The message.</param>
/// <param name="asker">Whose request it answers, when it is for that client alone; null when it is for all.</param>
/// <param name="origin">The replica it came from; null for a message of the gateway's own.</param>
/// <param name="number">Its number at that replica.</param>
internal sealed class OutEntry(OutMessage message, Asker? asker, ReplicaRoute? origin = null, ulong number = 0)
{
    private const int Overhead = 256;

    public OutMessage Message { get; private set; } = message;

    public Asker? Asker => asker;

    public ReplicaRoute? Origin => origin;

    public ulong Number => number;

    public long Size { get; private set; } = message.Parts.Size + Overhead;

    /// <summary>Whether its link broke in the middle of it: it is for nobody, and comes again as another entry.</summary>
    public bool IsWithdrawn => Message.Arrival is { HasBroken: true };

    /// <summary>Given by the log.</summary>
    public long Sequence { get; set; }

    /// <summary>Whether a client it is for has it.</summary>
    public bool Done { get; set; }

    /// <summary>Gives up the room of one that is withdrawn.</summary>
    public void Empty() => (Message, Size, Done) = (Message.WithoutBuffers(), Overhead, true);
}
