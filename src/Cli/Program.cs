using Notebook.Cli;
using Notebook.Cli.Commands;
using Notebook.Hosting;
using Spectre.Console;

// A pipe has no width and understands no colours.
if (Console.IsOutputRedirected) (AnsiConsole.Profile.Width, AnsiConsole.Profile.Capabilities.Ansi) = (200, false);
return await ProcessMain.RunAsync("notebook", NotebookCommand.Build(Installation.Locate(), TimeProvider.System), args);
