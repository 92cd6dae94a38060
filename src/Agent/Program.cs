using System.CommandLine;
using Notebook.Agent;
using Notebook.Hosting;

var command = new RootCommand("A GPU server's agent: runs kernel processes, owns GPUs.");
var options = new AgentOptions(command);
command.SetAction((parsed, cancel) => AgentProcess.RunAsync(options.Read(parsed), cancel));
return await ProcessMain.RunAsync("notebook agent", command, args);
