using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Notebook.Hosting;

namespace Notebook.Cli.Kernelspecs;

/// <summary>A kernelspec whose kernels run on the platform.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="DisplayName">What people choose it by.</param>
/// <param name="Language">The language of its kernels.</param>
/// <param name="Environment">What its kernels find in their environment.</param>
/// <param name="Config">Where the platform is, as the provisioner takes it; no secret is in it.</param>
/// <param name="Debugger">Whether its kernels can be debugged.</param>
internal sealed partial record PlatformKernelspec(
    string Name, string DisplayName, string Language, IReadOnlyDictionary<string, string> Environment, JsonObject Config, bool Debugger)
{
    private const string FileName = "kernel.json";

    /// <summary>What is wrong with a name; null for nothing.</summary>
    public static string? Fault(string name) => NamePattern().IsMatch(name) ? null : $"--name '{name}': letters, digits, '-', '_' and '.' only";

    /// <summary>Writes it, in place of one of ours.</summary>
    /// <param name="kernels">The folder of kernelspecs; made where it is missing.</param>
    /// <returns>Its folder.</returns>
    /// <exception cref="UserException">There is another of that name.</exception>
    public string WriteTo(string kernels)
    {
        var folder = Path.Combine(kernels, Name);
        if (Directory.Exists(folder) && !IsOurs(folder))
            throw new UserException($"the kernelspec {folder} is not one of this platform: choose another --name, or remove it first");
        Directory.CreateDirectory(folder);
        var draft = Path.Combine(folder, $".{FileName}");
        File.WriteAllText(draft, ToJson().ToJsonString(Json.Options) + "\n");
        File.Move(draft, Path.Combine(folder, FileName), overwrite: true);
        return folder;
    }

    /// <summary>Removes one.</summary>
    /// <returns>Its folder; null where there is none.</returns>
    /// <exception cref="UserException">It is not ours.</exception>
    public static string? Remove(string kernels, string name)
    {
        var folder = Path.Combine(kernels, name);
        if (!Directory.Exists(folder)) return null;
        if (!IsOurs(folder)) throw new UserException($"the kernelspec {folder} is not one of this platform, and was left alone");
        Directory.Delete(folder, recursive: true);
        return folder;
    }

    /// <summary>Whether a folder has any of ours.</summary>
    public static bool AnyIn(string kernels) => Directory.Exists(kernels) && Directory.EnumerateDirectories(kernels).Any(IsOurs);

    /// <summary>Its <c>kernel.json</c>.</summary>
    public JsonObject ToJson() => new()
    {
        // For programs that know no provisioners: it says so, and what to do instead.
        ["argv"] = new JsonArray("python3", "-m", JupyterPackage.Name, "{connection_file}"),
        ["display_name"] = DisplayName,
        ["language"] = Language,
        ["interrupt_mode"] = "signal",
        ["env"] = new JsonObject([.. Environment.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value))]),
        ["metadata"] = new JsonObject
        {
            ["debugger"] = Debugger,
            ["kernel_provisioner"] = new JsonObject { ["provisioner_name"] = JupyterPackage.Provisioner, ["config"] = Config.DeepClone() },
        },
    };

    private static bool IsOurs(string folder)
    {
        try
        {
            return (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, FileName)))?["metadata"]?["kernel_provisioner"]?["provisioner_name"] == JupyterPackage.Provisioner;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex NamePattern();
}
