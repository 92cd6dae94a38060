namespace Notebook.JupyterWire;

/// <summary>
/// The signatures of a connection's messages so far, so that none is taken twice: what somebody overheard and sends again
/// has a right signature, too. Bounded; the oldest is forgotten. Not safe for threads.
/// </summary>
/// <param name="limit">How many are remembered; as many as ipykernel does.</param>
public sealed class SeenSignatures(int limit = 65_536)
{
    private readonly HashSet<UInt128> _seen = [];
    private readonly Queue<UInt128> _order = [];

    /// <summary>Remembers a signature.</summary>
    /// <param name="signature">In hex, and right: <see cref="MessageSigner.Verify"/> said so.</param>
    /// <returns>False when it was seen before.</returns>
    public bool TryAdd(ReadOnlySpan<byte> signature)
    {
        // Half of the digest tells messages apart as well as all of it.
        var half = UInt128.Parse(signature[..32], System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);
        if (!_seen.Add(half)) return false;
        _order.Enqueue(half);
        if (_order.Count > limit) _seen.Remove(_order.Dequeue());
        return true;
    }
}
