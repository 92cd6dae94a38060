namespace Notebook.Cli.Commands;

/// <summary>Arguments that are another program's to understand: passed on as they were typed, in their order.</summary>
internal static class RawArguments
{
    /// <summary>What this process was given behind the word <paramref name="command"/>.</summary>
    public static IEnumerable<string> Behind(string command) =>
        Environment.GetCommandLineArgs().Skip(1).SkipWhile(argument => argument != command).Skip(1);
}
