namespace Notebook.Hosting.Processes;

/// <summary>Finds, among the last lines of a program that failed, the one that says why.</summary>
public static class StartFailure
{
    /// <summary>The line of a known failure (<c>notebook silo: ...</c>), else of a crash, else the last that is not part of a stack trace.</summary>
    public static string Explain(string child, int exitCode, IReadOnlyCollection<string> lastLines)
    {
        var line = lastLines.LastOrDefault(l => l.StartsWith("notebook", StringComparison.Ordinal))
            ?? lastLines.LastOrDefault(l => l.StartsWith("Unhandled exception", StringComparison.Ordinal))
            ?? (exitCode > 128 ? null : lastLines.LastOrDefault(l => l.Length > 0 && !char.IsWhiteSpace(l[0])));
        var end = exitCode > 128 ? $"was ended by signal {exitCode - 128}" : $"ended with exit code {exitCode}";
        return $"{child} {end}{(line is null ? "" : ": " + line)}";
    }
}
