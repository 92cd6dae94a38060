using System.Text.Json;

namespace Notebook.Gateway.Http;

/// <summary>
/// How a kernel's state is to be kept, as users write it: <c>durability</c> and <c>standby</c> in a request's body, or
/// <c>KERNEL_DURABILITY</c> and <c>KERNEL_STANDBY</c> among the variables of a new kernel. The body counts more.
/// </summary>
internal static class KeepingRequests
{
    private static readonly Dictionary<string, string> s_none = [];

    /// <summary>Reads the body of <c>PATCH /api/kernels/ID</c>.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryRead(JsonElement json, out KeepingRequest? keeping)
    {
        keeping = null;
        foreach (var property in json.EnumerateObject())
            if (property.Name is not ("durability" or "standby")) return $"'{property.Name}' of a kernel cannot be changed: durability and standby can";
        return TryRead(json, s_none, out keeping);
    }

    /// <summary>Reads what a request for a new kernel says of it.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryRead(JsonElement json, IReadOnlyDictionary<string, string> environment, out KeepingRequest? keeping)
    {
        keeping = null;
        if (Word(json, environment, "durability", out var durability) is { } first) return first;
        if (Word(json, environment, "standby", out var standby) is { } second) return second;
        var read = new KeepingRequest(KeepingWords.Durability(durability), KeepingWords.Standby(standby));
        if (durability.Length > 0 && read.Durability is null) return $"durability must be {KeepingWords.Durabilities}, not '{durability}'";
        if (standby.Length > 0 && read.Standby is null) return $"standby must be {KeepingWords.Standbys}, not '{standby}'";
        keeping = read;
        return null;
    }

    private static string? Word(JsonElement json, IReadOnlyDictionary<string, string> environment, string name, out string word)
    {
        word = environment.GetValueOrDefault($"KERNEL_{name.ToUpperInvariant()}") ?? "";
        if (json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
        {
            if (value.ValueKind != JsonValueKind.String) return $"{name} must be a text";
            word = value.GetString()!;
        }

        return word.Length <= 40 ? null : $"{name} is longer than 40 characters";
    }
}
