namespace Notebook.Kernel.Tests;

/// <summary>One run of all the cases of a program of <c>driver/</c> that has processes for each of them.</summary>
public abstract class ProcessRun(string program)
{
    private const string Start = "def case_";

    private readonly Lazy<Task<IReadOnlyList<CaseOutcome>>> _outcomes = new(() => Driver.OutcomesAsync(program));

    /// <summary>The names of all cases, read off the program.</summary>
    public IEnumerable<string> Cases() =>
        from line in File.ReadLines(Driver.PathOf(program))
        where line.StartsWith(Start, StringComparison.Ordinal)
        select line[Start.Length..line.IndexOf('(', StringComparison.Ordinal)];

    /// <summary>What is wrong with a case.</summary>
    public async Task<IReadOnlyList<string>> ProblemsAsync(string name) =>
        (await _outcomes.Value).SingleOrDefault(outcome => outcome.Case == name)?.Problems ?? ["the driver has not run it"];
}
