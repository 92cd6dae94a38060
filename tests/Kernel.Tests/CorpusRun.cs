namespace Notebook.Kernel.Tests;

/// <summary>One run of the whole corpus, shared by the tests of its cases: two processes with half of it each.</summary>
public sealed class CorpusRun
{
    private readonly Lazy<Task<IReadOnlyDictionary<string, CaseOutcome>>> _outcomes = new(RunAsync);

    /// <summary>The names of all cases, read from the files as the driver reads them.</summary>
    public static IEnumerable<string> Cases() =>
        from file in Directory.EnumerateFiles(Driver.Corpus, "*.txt").Order(StringComparer.Ordinal)
        from line in File.ReadLines(file)
        where line.StartsWith("### ", StringComparison.Ordinal)
        select $"{Path.GetFileNameWithoutExtension(file)}: {line[4..]}";

    /// <summary>What is wrong with a case.</summary>
    public async Task<IReadOnlyList<string>> ProblemsAsync(string name) =>
        (await _outcomes.Value).TryGetValue(name, out var outcome) ? outcome.Problems : ["the driver has not run it"];

    private static async Task<IReadOnlyDictionary<string, CaseOutcome>> RunAsync()
    {
        const int shares = 2;
        var runs = await Task.WhenAll(Enumerable.Range(0, shares)
            .Select(share => Driver.OutcomesAsync("run.py", $"{Driver.Corpus}:{share}:{shares}")));
        return runs.SelectMany(outcomes => outcomes).ToDictionary(outcome => outcome.Case);
    }
}
