using System.Globalization;

namespace Notebook.Gateway.Clients;

/// <summary>How much a client of the default framing takes in one message. 0 stands for any size.</summary>
/// <param name="StreamBytes">More text of a stream is sent in pieces.</param>
/// <param name="DisplayBytes">A larger output gives way to a line that says where it is.</param>
internal readonly record struct LegacyLimits(long StreamBytes, long DisplayBytes)
{
    /// <summary>What a client says in the query of its handshake: bytes, 0 for any size.</summary>
    public const string Parameter = "max_message";

    // Tornado's WebSocket client takes 10 MiB, and Jupyter Server's gateway client leaves it at that.
    private const long TornadoBytes = 9 << 20;
    private const long LeastBytes = 64 << 10;
    private const string TornadoAgent = "Tornado/";

    public static readonly LegacyLimits None = new(0, 0);

    /// <summary>
    /// The limits of a client: what it says itself, else what the operator says, else what is known of its kind. Servers that
    /// use us by <c>--gateway-url</c> are known by tornado's name in a handshake that comes from no page.
    /// </summary>
    /// <param name="said">What it says itself; null or empty for nothing.</param>
    /// <param name="configured">What the operator says of displays; null for nothing.</param>
    /// <param name="userAgent">The handshake's <c>User-Agent</c>.</param>
    /// <param name="hasOrigin">Whether the handshake comes from a page.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>What is wrong with what it says, or null.</returns>
    public static string? TryFind(string? said, long? configured, string? userAgent, bool hasOrigin, out LegacyLimits limits)
    {
        limits = None;
        if (!string.IsNullOrEmpty(said))
        {
            if (!long.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) || bytes is > 0 and < LeastBytes)
                return $"{Parameter} must be 0 for any size, or a number of bytes from {LeastBytes}, not '{said}'";
            limits = new(bytes, bytes);
            return null;
        }

        var isTornado = !hasOrigin && userAgent?.StartsWith(TornadoAgent, StringComparison.OrdinalIgnoreCase) == true;
        limits = new(TornadoBytes, configured ?? (isTornado ? TornadoBytes : 0));
        return null;
    }
}
