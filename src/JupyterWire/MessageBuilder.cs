using System.Globalization;
using System.Text.Json;

namespace Notebook.JupyterWire;

/// <summary>Makes messages of our own, in one session.</summary>
/// <param name="session">Their <c>session</c>.</param>
/// <param name="username">Their <c>username</c>.</param>
/// <param name="time">For their <c>date</c>.</param>
public sealed class MessageBuilder(string session, string username, TimeProvider time)
{
    private static readonly ReadOnlyMemory<byte> s_empty = "{}"u8.ToArray();

    /// <summary>Their <c>session</c>.</summary>
    public string Session => session;

    /// <summary>Makes a message with a fresh <c>msg_id</c>.</summary>
    /// <param name="type">Its <c>msg_type</c>.</param>
    /// <param name="content">Writes its content: the value of one JSON object.</param>
    /// <param name="parentHeader">The header that it answers, as it came; default for none.</param>
    public JupyterMessage Build(string type, Action<Utf8JsonWriter> content, ReadOnlyMemory<byte> parentHeader = default) =>
        Build(type, Json(content), parentHeader);

    /// <summary>Makes a message with a fresh <c>msg_id</c>.</summary>
    /// <param name="type">Its <c>msg_type</c>.</param>
    /// <param name="content">Its content's JSON; default for <c>{}</c>.</param>
    /// <param name="parentHeader">The header that it answers, as it came; default for none.</param>
    public JupyterMessage Build(string type, ReadOnlyMemory<byte> content = default, ReadOnlyMemory<byte> parentHeader = default) => new(
        WriteHeader(NewId(), type, session, username, time.GetUtcNow()),
        parentHeader.IsEmpty ? s_empty : parentHeader,
        s_empty,
        content.IsEmpty ? s_empty : content,
        []);

    /// <summary>A fresh <c>msg_id</c>.</summary>
    public static string NewId() => Guid.NewGuid().ToString("N");

    /// <summary>Writes a header's JSON.</summary>
    public static byte[] WriteHeader(string id, string type, string session, string username, DateTimeOffset date) =>
        WriteHeader(id, type, session, username, date.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));

    /// <summary>Writes a header's JSON, with a date that is written already.</summary>
    public static byte[] WriteHeader(string id, string type, string session, string username, string date) => Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("msg_id"u8, id);
        json.WriteString("msg_type"u8, type);
        json.WriteString("username"u8, username);
        json.WriteString("session"u8, session);
        json.WriteString("date"u8, date);
        json.WriteString("version"u8, JupyterHeader.OurVersion);
        json.WriteEndObject();
    });

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return buffer.WrittenSpan.ToArray();
    }
}
