using Notebook.Cli;
using Notebook.Cli.Commands;
using Notebook.Hosting;

return await ProcessMain.RunAsync("notebook", NotebookCommand.Build(Installation.Locate(), TimeProvider.System), args);
