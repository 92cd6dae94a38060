using System.Security.Cryptography;

namespace Notebook.Links;

/// <summary>
/// The secret that all processes of one cluster share. It never travels: each side of a new connection proves that it
/// has it by an HMAC over both sides' random numbers (<see cref="Handshake"/>).
/// </summary>
public sealed class ClusterKey
{
    private const int MinimumLength = 32;
    private readonly byte[] _key;

    private ClusterKey(byte[] key) => _key = key;

    /// <summary>Makes a key of a text of at least 32 characters.</summary>
    /// <exception cref="LinkException">The text is too short to be a secret.</exception>
    public static ClusterKey Parse(string text, string origin)
    {
        var trimmed = text.Trim();
        return trimmed.Length >= MinimumLength
            ? new ClusterKey(System.Text.Encoding.UTF8.GetBytes(trimmed))
            : throw new LinkException(
                $"the cluster key in {origin} has {trimmed.Length} characters, but needs at least {MinimumLength}: make one with 'openssl rand -hex 32'");
    }

    /// <summary>Reads the key from a file.</summary>
    /// <exception cref="LinkException">The file cannot be read, or holds too little.</exception>
    public static ClusterKey FromFile(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LinkException($"cannot read the cluster key file {path}: {e.Message}");
        }
    }

    /// <summary>A new random key, as text for a file.</summary>
    public static string NewText() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    internal byte[] Prove(ReadOnlySpan<byte> statement) => HMACSHA256.HashData(_key, statement);

    internal bool Verify(ReadOnlySpan<byte> statement, ReadOnlySpan<byte> proof) =>
        CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, statement), proof);
}
