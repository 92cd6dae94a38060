namespace Notebook.JupyterWire.WebSockets;

/// <summary>What routing needs of a client's header.</summary>
/// <param name="MessageId"><c>msg_id</c>, never empty.</param>
/// <param name="MessageType"><c>msg_type</c>, never empty.</param>
/// <param name="Session"><c>session</c>, may be empty.</param>
public readonly record struct HeaderFields(string MessageId, string MessageType, string Session)
{
    private const int MaxLength = 512;

    /// <summary>Reads them from a header's JSON. What passes here, <see cref="JupyterHeader.Parse"/> reads too where it comes back as a parent.</summary>
    public static bool TryRead(ReadOnlySpan<byte> header, out HeaderFields fields, out string? fault)
    {
        fields = default;
        try
        {
            var (id, type, session, _, _, _, _) = JupyterHeader.Parse(header);
            fault = id.Length == 0 ? "a header has no msg_id"
                : type.Length == 0 ? "a header has no msg_type"
                : id.Length > MaxLength || type.Length > MaxLength || session.Length > MaxLength
                    ? $"msg_id, msg_type or session of a header is longer than {MaxLength} characters"
                : null;
            if (fault is null) fields = new HeaderFields(id, type, session);
        }
        catch (JupyterFormatException e)
        {
            fault = e.Message;
        }

        return fault is null;
    }
}
