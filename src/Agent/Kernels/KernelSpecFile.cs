using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Notebook.Agent.Kernels;

/// <summary>Reads one kernelspec folder: <c>kernel.json</c> and logos.</summary>
internal static partial class KernelSpecFile
{
    private const int MaxResourceBytes = 256 << 10;
    private const int MaxMetadata = 16 << 10;
    private static readonly string[] s_resources = ["logo-64x64.png", "logo-32x32.png", "logo-svg.svg"];

    /// <summary>Reads the spec; null when it is for another language or another way to start a kernel.</summary>
    /// <param name="folder">The spec's folder; its name is the spec's.</param>
    /// <param name="defaultPython">What a plain <c>python3</c> in it means, as in Jupyter.</param>
    /// <exception cref="JsonException">It is malformed.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static LaunchableSpec? Read(string folder, string defaultPython)
    {
        var name = Path.GetFileName(folder).ToLowerInvariant();
        if (!ValidName().IsMatch(name)) return null;
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "kernel.json")));
        var argv = Strings(json.RootElement, "argv");
        var module = argv.IndexOf("-m");
        if (module < 1 || argv.Length <= module + 1 || argv[module + 1] is not ("ipykernel_launcher" or "ipykernel")) return null;
        return new(
            name,
            Text(json.RootElement, "display_name") is { Length: > 0 } display ? display : name,
            PlainPython().IsMatch(argv[0]) ? defaultPython : argv[0],
            argv[1..module],
            Environment(json.RootElement),
            Resources(folder));
    }

    /// <summary>
    /// Reads the spec of a kernel that is not ours; null when it is for ipykernel, or for a kernel that a provisioner starts
    /// somewhere else, perhaps on this very platform.
    /// </summary>
    /// <param name="folder">The spec's folder; its name is the spec's.</param>
    /// <param name="python">What a plain <c>python3</c> in it means, and whose fork server starts it.</param>
    /// <exception cref="JsonException">It is malformed.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static LaunchableSpec? ReadForeign(string folder, string python)
    {
        if (Read(folder, python) is not null) return null;
        var name = Path.GetFileName(folder).ToLowerInvariant();
        if (!ValidName().IsMatch(name)) return null;
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "kernel.json")));
        var argv = Strings(json.RootElement, "argv");
        if (argv.IsEmpty || !argv.Any(argument => argument.Contains("{connection_file}", StringComparison.Ordinal))) return null;
        var metadata = json.RootElement.TryGetProperty("metadata", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        if (metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty("kernel_provisioner", out _)) return null;
        var text = metadata.ValueKind == JsonValueKind.Object ? metadata.GetRawText() : "{}";
        var first = PlainPython().IsMatch(argv[0]) ? python : argv[0];
        return new(
            name,
            Text(json.RootElement, "display_name") is { Length: > 0 } display ? display : name,
            python,
            [],
            Environment(json.RootElement),
            Resources(folder))
        {
            Language = Text(json.RootElement, "language"),
            Foreign = new(
                [first, .. argv[1..].Select(argument => argument.Replace("{resource_dir}", folder, StringComparison.Ordinal))],
                Text(json.RootElement, "interrupt_mode") == "message",
                text.Length <= MaxMetadata ? text : "{}"),
        };
    }

    /// <summary>The logos of a folder, at most 256 KiB in all.</summary>
    public static ImmutableDictionary<string, byte[]> Resources(string folder)
    {
        var resources = ImmutableDictionary.CreateBuilder<string, byte[]>();
        var room = MaxResourceBytes;
        foreach (var name in s_resources)
        {
            var file = new FileInfo(Path.Combine(folder, name));
            if (!file.Exists || file.Length > room) continue;
            resources[name] = File.ReadAllBytes(file.FullName);
            room -= resources[name].Length;
        }

        return resources.ToImmutable();
    }

    private static string Text(JsonElement spec, string name) =>
        spec.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static ImmutableArray<string> Strings(JsonElement spec, string name) =>
        spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(item => item.ToString())]
            : [];

    private static ImmutableDictionary<string, string> Environment(JsonElement spec) =>
        spec.TryGetProperty("env", out var env) && env.ValueKind == JsonValueKind.Object
            ? env.EnumerateObject().ToImmutableDictionary(variable => variable.Name, variable => variable.Value.ToString())
            : [];

    [GeneratedRegex("^[a-z0-9._-]+$")]
    private static partial Regex ValidName();

    [GeneratedRegex(@"^python(\d(\.\d+)?)?$")]
    private static partial Regex PlainPython();
}
