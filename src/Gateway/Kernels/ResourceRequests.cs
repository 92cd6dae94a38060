using System.Globalization;
using System.Text.Json;

namespace Notebook.Gateway.Kernels;

/// <summary>Resource requests as users write them: in a cell's metadata or code, or as <c>KERNEL_*</c> variables of a kernel.</summary>
internal static class ResourceRequests
{
    private const int MaxGpus = 1024;
    private const int MaxAmount = 1_000_000_000;
    private static readonly string[] s_names = ["gpus", "vram", "cpus", "memory"];

    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryRead(JsonElement asked, out ResourceRequest? resources)
    {
        resources = null;
        if (asked.ValueKind != JsonValueKind.Object) return "resource_request must be an object such as {\"gpus\": 1}";
        var amounts = new double?[s_names.Length];
        foreach (var property in asked.EnumerateObject())
        {
            var name = NameOf(property);
            var index = Array.IndexOf(s_names, name);
            if (index < 0) return $"resource_request has no '{Short(name)}': it knows {string.Join(", ", s_names)}";
            if (property.Value.ValueKind == JsonValueKind.Null) continue;
            if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetDouble(out var amount))
                return $"resource_request.{property.Name} must be a number, not {Short(property.Value.GetRawText())}";
            amounts[index] = amount;
        }

        return amounts.All(a => a is null) ? null : Make(amounts, at => $"resource_request.{s_names[at]}", out resources);
    }

    /// <summary>Reads <c>KERNEL_GPUS</c>, <c>KERNEL_VRAM</c>, <c>KERNEL_CPUS</c> and <c>KERNEL_MEMORY</c>; null when none is there.</summary>
    /// <returns>What is wrong with them, or null.</returns>
    public static string? TryRead(IReadOnlyDictionary<string, string> environment, out ResourceRequest? resources)
    {
        resources = null;
        var amounts = new double?[s_names.Length];
        for (var i = 0; i < s_names.Length; i++)
        {
            if (!environment.TryGetValue(Variable(s_names[i]), out var text) || text.Length == 0) continue;
            if (Number(text) is not { } amount)
                return $"{Variable(s_names[i])} must be a number, not '{Short(text)}'";
            amounts[i] = amount;
        }

        return amounts.All(a => a is null) ? null : Make(amounts, at => Variable(s_names[at]), out resources);
    }

    /// <summary>The request of these amounts: GPUs, their memory, CPUs, memory; null for what is not said.</summary>
    /// <param name="amounts">As they were written.</param>
    /// <param name="nameOf">What the user calls the one at an index.</param>
    /// <param name="resources">The request.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Make(double?[] amounts, Func<int, string> nameOf, out ResourceRequest? resources)
    {
        resources = null;
        for (var i = 0; i < amounts.Length; i++)
        {
            var most = i == 0 ? MaxGpus : MaxAmount;
            if (amounts[i] is { } amount && !(amount >= 0 && amount <= most))
                return string.Create(CultureInfo.InvariantCulture, $"{nameOf(i)} must be from 0 to {most:N0}, not {amount}");
        }

        if (amounts[0] is { } gpus && gpus != Math.Floor(gpus))
            return string.Create(CultureInfo.InvariantCulture, $"{nameOf(0)} must be a whole number of GPUs, not {gpus}");
        var made = new ResourceRequest((int)(amounts[0] ?? 0), amounts[1] ?? 0, (int)(amounts[2] ?? 0), (long)(amounts[3] ?? 0));
        if (made.Fault is { } fault) return fault;
        resources = made;
        return null;
    }

    // A name with half of a surrogate pair is JSON, and no text.
    private static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return "\ufffd";
        }
    }

    private static string Variable(string name) => $"KERNEL_{name.ToUpperInvariant()}";

    /// <summary>A number as users write it; null when the text is none.</summary>
    public static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) ? amount : null;

    /// <summary>What a user wrote, for a message.</summary>
    public static string Short(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
