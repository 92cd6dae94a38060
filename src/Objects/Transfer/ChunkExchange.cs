namespace Notebook.Objects.Transfer;

/// <summary>
/// Everything that one agent has to do with one peer about chunks, both ways. Whoever has the link calls it: hands over
/// what arrives, stores what comes out, and pulls what is to be sent when the link has room. One caller at a time.
/// </summary>
public sealed class ChunkExchange
{
    private long _malformed;

    /// <summary>The exchange with a peer.</summary>
    /// <param name="peer">The peer's name.</param>
    /// <param name="limits">This side's limits.</param>
    /// <param name="isHeld">Whether the store holds a chunk; quick and without IO.</param>
    public ChunkExchange(string peer, TransferLimits limits, Func<ChunkRef, bool> isHeld) =>
        (Sender, Receiver) = (new(limits), new(peer, limits, isHeld));

    /// <summary>What goes to the peer.</summary>
    public ChunkSender Sender { get; }

    /// <summary>What comes from the peer.</summary>
    public ChunkReceiver Receiver { get; }

    /// <summary>What the peer sent that was refused.</summary>
    public TransferFaults Faults => Receiver.Faults with { Malformed = _malformed };

    /// <summary>
    /// Takes a message. What is returned is to be stored, after which <see cref="ChunkReceiver.Stored"/> or
    /// <see cref="ChunkReceiver.NotStored"/> must be called; its bytes are those of the message.
    /// </summary>
    public VerifiedChunk? Receive(ReadOnlyMemory<byte> message, TimeSpan now)
    {
        switch (TransferMessage.Read(message))
        {
            case TransferMessage.Offer offer: Receiver.Receive(offer); break;
            case TransferMessage.Data data: return Receiver.Receive(data, now);
            case TransferMessage.Lack lack: Receiver.Receive(lack); break;
            case TransferMessage.Want want: Sender.Receive(want, now); break;
            case TransferMessage.Held held: Sender.Receive(held, now); break;
            case TransferMessage.Full full: Sender.Receive(full, now); break;
            default: _malformed++; break;
        }
        return null;
    }

    /// <summary>The next message to send other than chunks, which <see cref="ChunkSender.NextChunk"/> has; null for none.</summary>
    public TransferMessage? NextMessage(TimeSpan now) => Receiver.NextMessage(now) ?? Sender.NextMessage(now);

    /// <summary>A new connection to the same peer.</summary>
    public void Reconnect()
    {
        Sender.Reconnect();
        Receiver.Reconnect();
    }
}
