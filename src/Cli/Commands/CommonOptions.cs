using System.CommandLine;
using Notebook.Hosting;

namespace Notebook.Cli.Commands;

/// <summary>The options that every command has.</summary>
internal sealed class CommonOptions
{
    private readonly Option<string> _data;
    private readonly Option<bool> _verbose = new("--verbose") { Description = "Show whole exceptions.", Recursive = true };

    public CommonOptions(Installation installation) => _data = new("--data")
    {
        Description = "Folder for state, logs and secrets.",
        HelpName = "DIR",
        DefaultValueFactory = _ => installation.DefaultData,
        Recursive = true,
    };

    /// <summary>Adds them to the root command, and so to all.</summary>
    public void AddTo(RootCommand root)
    {
        root.Add(_data);
        root.Add(_verbose);
    }

    /// <summary>The path of the data directory.</summary>
    public string DataPath(ParseResult parsed) => Path.GetFullPath(parsed.GetRequiredValue(_data));

    /// <summary>Opens the data directory, and makes it where it is missing.</summary>
    public DataDirectory OpenData(ParseResult parsed) => new(DataPath(parsed));

    /// <summary>Opens the data directory where there is one: for commands that only look.</summary>
    public DataDirectory? FindData(ParseResult parsed) => Directory.Exists(DataPath(parsed)) ? OpenData(parsed) : null;
}
