using Spectre.Console;

namespace Notebook.Cli;

/// <summary>Standard output for tables: coloured on a terminal; plain, and never cut or wrapped, in a pipe or a file.</summary>
internal static class Terminal
{
    private const int WidthOfFiles = 400;

    public static IAnsiConsole Output { get; } = Open();

    private static IAnsiConsole Open()
    {
        if (!Console.IsOutputRedirected) return AnsiConsole.Console;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = WidthOfFiles;
        return console;
    }
}
