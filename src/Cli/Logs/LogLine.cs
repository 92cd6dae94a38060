using System.Globalization;
using System.Text.Json;

namespace Notebook.Cli.Logs;

/// <summary>One event of a process's log, as Serilog writes it: a JSON object on a line.</summary>
/// <param name="Time">When it happened.</param>
/// <param name="Level">How grave it is.</param>
/// <param name="Process">Whose it is: <c>role/id</c>.</param>
/// <param name="Message">What happened.</param>
/// <param name="Properties">What it is about, such as kernel and execution.</param>
/// <param name="Exception">The fault behind it; null where there is none.</param>
internal sealed record LogLine(
    DateTimeOffset Time,
    string Level,
    string Process,
    string Message,
    IReadOnlyDictionary<string, string> Properties,
    string? Exception)
{
    /// <summary>Reads a line; null when it is none of ours, such as one cut off by a crash.</summary>
    public static LogLine? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var properties = root.TryGetProperty(nameof(Properties), out var all)
                ? all.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText())
                : [];
            return new LogLine(
                root.GetProperty("Timestamp").GetDateTimeOffset(),
                root.GetProperty(nameof(Level)).GetString() ?? "",
                properties.GetValueOrDefault("Process", ""),
                root.TryGetProperty("RenderedMessage", out var message) ? message.GetString() ?? "" : "",
                properties,
                root.TryGetProperty(nameof(Exception), out var exception) ? exception.GetString() : null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether it is of this process, named by id (<c>agent-1</c>), role (<c>agent</c>) or both (<c>agent/agent-1</c>).</summary>
    public bool IsOf(string process) => Process == process || Process.Split('/').Contains(process);

    /// <summary>Whether it is about this kernel, or one of its replicas; the start of an id is enough.</summary>
    public bool IsAbout(string kernel) => Properties.Values.Any(value => value.StartsWith(kernel, StringComparison.OrdinalIgnoreCase));

    /// <summary>For a person to read: one line, and the fault below it where there is one.</summary>
    public string Render()
    {
        var level = Level switch { "Warning" => "warn", "Error" => "ERROR", "Fatal" => "FATAL", "Information" => "info", _ => Level.ToLowerInvariant() };
        var about = string.Concat(
            from pair in Properties
            where pair.Key is not ("Process" or "SourceContext" or "EventId") && !Message.Contains(pair.Value, StringComparison.Ordinal)
            where pair.Value.Length <= 100 && !pair.Value.StartsWith('{')
            select $" {pair.Key.ToLowerInvariant()}={pair.Value}");
        return string.Create(CultureInfo.InvariantCulture, $"{Time.UtcDateTime:HH:mm:ss.fff} {level,-5} {Process.Split('/')[^1],-8} {Message}{about}")
            + (Exception is null ? "" : "\n    " + Exception.TrimEnd().ReplaceLineEndings("\n    "));
    }
}
