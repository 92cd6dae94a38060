using System.Globalization;

namespace Notebook.Contracts;

/// <summary>After how long without use an idle kernel is ended, where its user says so for it.</summary>
public static class CullChoice
{
    /// <summary>The variable among a new kernel's in which its user says it, in seconds; 0 for as long as the operator allows.</summary>
    public const string Variable = "KERNEL_CULL_IDLE_TIMEOUT";

    /// <summary>The longest time.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>What is wrong with what a kernel's variables say, or null.</summary>
    public static string? Fault(IReadOnlyDictionary<string, string> environment) =>
        environment.TryGetValue(Variable, out var text) && text.Length > 0 && Seconds(text) is null
            ? $"{Variable} must be a number of seconds from 0 to {Longest.TotalSeconds:0}, not '{text}'"
            : null;

    /// <summary>What they say; null for nothing.</summary>
    public static TimeSpan? Of(IReadOnlyDictionary<string, string> environment) =>
        environment.TryGetValue(Variable, out var text) && Seconds(text) is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null;

    private static int? Seconds(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= Longest.TotalSeconds ? seconds : null;
}
