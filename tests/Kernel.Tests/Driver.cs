using System.Text.Json;
using Notebook.Rig.Platform;

namespace Notebook.Kernel.Tests;

/// <summary>Runs the Python programs of <c>driver/</c> against the kernel package of this clone.</summary>
internal static class Driver
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static string Folder { get; } = Path.Combine(Built.Root, "tests", "Kernel.Tests");

    /// <summary>Where the corpus is.</summary>
    public static string Corpus { get; } = Path.Combine(Folder, "corpus");

    /// <summary>A program's file.</summary>
    public static string PathOf(string program) => Path.Combine(Folder, "driver", program);

    /// <summary>Runs a program, and returns what it printed.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var kernel = $"NOTEBOOK_KERNEL={Path.Combine(Built.Root, "kernel")}";
        var result = await Command.RunAsync("env", [kernel, Command.Python, PathOf(program), .. arguments], Limit);
        return result.Checked().Stdout;
    }

    /// <summary>As <see cref="RunAsync"/>, for a program that prints the outcome of a case on each line.</summary>
    public static async Task<IReadOnlyList<CaseOutcome>> OutcomesAsync(string program, params string[] arguments) =>
        [.. (await RunAsync(program, arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<CaseOutcome>(line, JsonSerializerOptions.Web)!)];
}

/// <summary>What came of a case: no problems when all processes agree.</summary>
internal sealed record CaseOutcome(string Case, IReadOnlyList<string> Problems, bool Skipped = false);
