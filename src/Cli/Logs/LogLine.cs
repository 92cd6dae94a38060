using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Notebook.Cli.Logs;

/// <summary>One event of a process's log, as Serilog writes it: a JSON object on a line.</summary>
/// <param name="Time">When it happened.</param>
/// <param name="Level">How grave it is.</param>
/// <param name="Role">The role of the process whose it is, such as <c>agent</c>.</param>
/// <param name="Process">The id of that process, such as <c>agent-1</c>.</param>
/// <param name="Message">What happened.</param>
/// <param name="Properties">What it is about, such as kernel and execution, where the message does not say it.</param>
/// <param name="Exception">The fault behind it; null where there is none.</param>
internal sealed partial record LogLine(
    DateTimeOffset Time,
    string Level,
    string Role,
    string Process,
    string Message,
    IReadOnlyDictionary<string, string> Properties,
    string? Exception)
{
    // What is of no use to a reader of the line.
    private static readonly string[] Behind = ["Process", "SourceContext", "EventId", "RequestId", "RequestPath", "ConnectionId", "TransportConnectionId"];

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
            var (role, id) = Owner(properties.GetValueOrDefault("Process", ""));
            var template = root.GetProperty("MessageTemplate").GetString() ?? "";
            var used = new HashSet<string>(Behind);
            var message = Hole().Replace(template, hole =>
            {
                used.Add(hole.Groups[1].Value);
                return properties.GetValueOrDefault(hole.Groups[1].Value, hole.Value);   // without the quotes that Serilog puts around texts
            });
            foreach (var name in used) properties.Remove(name);
            return new LogLine(
                root.GetProperty("Timestamp").GetDateTimeOffset(),
                root.GetProperty(nameof(Level)).GetString() ?? "",
                role,
                id,
                message,
                properties,
                root.TryGetProperty(nameof(Exception), out var exception) ? exception.GetString() : null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether it is of this process, named by its id (<c>agent-1</c>) or its role (<c>agent</c>).</summary>
    public bool IsOf(string process) => Process == process || Role == process;

    /// <summary>Whether it is about this kernel, or one of its replicas; the start of an id is enough.</summary>
    public bool IsAbout(string kernel) =>
        Properties.Values.Any(value => value.StartsWith(kernel, StringComparison.OrdinalIgnoreCase))
        || Message.Split(' ').Any(word => word.StartsWith(kernel, StringComparison.OrdinalIgnoreCase));

    /// <summary>For a person to read: one line, and the fault below it where there is one.</summary>
    public string Render()
    {
        var level = Level switch { "Warning" => "warn", "Error" => "ERROR", "Fatal" => "FATAL", "Information" => "info", _ => Level.ToLowerInvariant() };
        var about = string.Concat(Properties.Select(pair => $" {pair.Key.ToLowerInvariant()}={pair.Value}"));
        return string.Create(CultureInfo.InvariantCulture, $"{Time.UtcDateTime:HH:mm:ss.fff} {level,-5} {Process,-8} {Message}{about}")
            + (Exception is null ? "" : "\n    " + Exception.TrimEnd().ReplaceLineEndings("\n    "));
    }

    // A process names itself with role and id: agent 'agent-1'.
    private static (string Role, string Id) Owner(string process)
    {
        var parts = process.Split(' ', 2);
        return (parts[0], parts[^1].Trim('\''));
    }

    [GeneratedRegex(@"\{@?(\w+)[^}]*\}")]
    private static partial Regex Hole();
}
