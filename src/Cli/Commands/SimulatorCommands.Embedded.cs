#if !ORLEANS_HOST
using System.CommandLine;
using Notebook.Cli.Simulation;

namespace Notebook.Cli.Commands;

/// <summary>The commands that run grains in virtual time.</summary>
internal static class SimulatorCommands
{
    /// <summary>Builds them.</summary>
    public static IEnumerable<Command> Build(Installation installation, TimeProvider time) => [new SimulateCommand(time).Build(), new EvaluateCommand(installation, time).Build()];
}
#endif
