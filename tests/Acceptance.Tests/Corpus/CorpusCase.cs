using System.Text.Json;
using System.Text.Json.Serialization;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Corpus;

/// <summary>A small notebook of the state corpus, as the reader of <c>tests/Kernel.Tests/driver</c> gives it.</summary>
/// <param name="Name">File and title.</param>
/// <param name="Before">Its cells before the change of executor.</param>
/// <param name="After">Its cells after it.</param>
/// <param name="Lost">Names that cannot be copied.</param>
/// <param name="Fails">Names that only a standby finds it cannot make.</param>
/// <param name="Prints">What the cells after the change print where that is not what a plain kernel prints.</param>
/// <param name="Needs">Modules that it imports and that may be missing.</param>
/// <param name="CanRun">Whether they are here.</param>
internal sealed record CorpusCase(
    string Name, IReadOnlyList<string> Before, IReadOnlyList<string> After, IReadOnlyList<string> Lost, IReadOnlyList<string> Fails,
    IReadOnlyList<string> Prints, IReadOnlyList<string> Needs, [property: JsonPropertyName("can_run")] bool CanRun)
{
    private static readonly string s_folder = Built.File("tests", "Kernel.Tests");

    /// <summary>The program with which a cell looks at its kernel.</summary>
    public static string Look { get; } = Path.Combine(s_folder, "driver", "look.py");

    /// <summary>All of them.</summary>
    public static async Task<IReadOnlyList<CorpusCase>> AllAsync()
    {
        var read = await Command.RunAsync(Command.Python, [Path.Combine(s_folder, "driver", "corpus.py"), Path.Combine(s_folder, "corpus")]);
        return [.. read.Checked().Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<CorpusCase>(line, JsonSerializerOptions.Web)!)];
    }
}
