using System.CommandLine;
using Notebook.Cli.Replay;

namespace Notebook.Cli.Commands;

/// <summary>The command line as a whole: one class for each command.</summary>
internal static class NotebookCommand
{
    /// <summary>Builds it.</summary>
    public static RootCommand Build(Installation installation, TimeProvider time)
    {
        var common = new CommonOptions(installation);
        var root = new RootCommand("A GPU notebook platform: kernels on several GPU servers, GPUs only while a cell runs.")
        {
            new UpCommand(common, installation, time).Build(),
            new DownCommand(common, time).Build(),
            new StatusCommand(common, time).Build(),
            new GpusCommand(common).Build(),
            new PoliciesCommand().Build(),
            new LogsCommand(common, time).Build(),
            new DrainCommand(common, time).Build(),
            new ExplainCommand(common).Build(),
            new RunCommand(common, time).Build(),
            new ReplayCommand(common, time).Build(),
            new ConnectCommand(common).Build(),
            new InstallKernelspecCommand(common, time).Build(),
            new LabCommand(common, installation, time).Build(),
            new TestCommand(installation, time).Build(),
            new BenchCommand(installation, time).Build(),
            ProcessCommands.Build("silo", "Run the control plane alone.", installation),
            ProcessCommands.Build("gateway", "Run the Jupyter gateway alone.", installation),
            ProcessCommands.Build("agent", "Run the agent of one GPU server alone.", installation),
        };
        foreach (var command in SimulatorCommands.Build(installation, time)) root.Add(command);
        common.AddTo(root);
        return root;
    }
}
