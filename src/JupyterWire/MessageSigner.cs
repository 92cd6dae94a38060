using System.Security.Cryptography;
using System.Text;

namespace Notebook.JupyterWire;

/// <summary>Signs and checks messages with a connection's key: HMAC-SHA256 over the four JSON parts, in hex.</summary>
public sealed class MessageSigner : IDisposable
{
    /// <summary>The one scheme that is in use.</summary>
    public const string Scheme = "hmac-sha256";

    internal const int SignatureLength = 2 * HMACSHA256.HashSizeInBytes;
    private readonly Lock _lock = new();
    private readonly IncrementalHash _hash;

    /// <summary>Takes the key as it stands in a connection file.</summary>
    /// <exception cref="JupyterFormatException">It is empty: an unsigned connection is not taken.</exception>
    public MessageSigner(string key)
    {
        if (key.Length == 0) throw new JupyterFormatException("a connection without a key is not taken: messages must be signed");
        _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key));
    }

    /// <summary>The signature of a message, as ASCII hex. Buffers are not part of it: Jupyter says so.</summary>
    public byte[] Sign(JupyterMessage message)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        lock (_lock)
        {
            _hash.AppendData(message.Header.Span);
            _hash.AppendData(message.ParentHeader.Span);
            _hash.AppendData(message.Metadata.Span);
            _hash.AppendData(message.Content.Span);
            _hash.GetHashAndReset(hash);
        }

        var hex = new byte[SignatureLength];
        Convert.TryToHexStringLower(hash, hex, out _);
        return hex;
    }

    /// <summary>Whether <paramref name="signature"/> is that of <paramref name="message"/>; takes as long when it is not.</summary>
    public bool Verify(JupyterMessage message, ReadOnlySpan<byte> signature) =>
        CryptographicOperations.FixedTimeEquals(Sign(message), signature);

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
