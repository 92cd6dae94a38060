#if ORLEANS_HOST
using System.CommandLine;
using Notebook.Hosting;

namespace Notebook.Cli.Commands;

/// <summary>The commands that run grains in virtual time, which Orleans has none of.</summary>
internal static class SimulatorCommands
{
    /// <summary>Builds them.</summary>
    public static IEnumerable<Command> Build(Installation _, TimeProvider __) => [Missing("simulate"), Missing("evaluate")];

    private static Command Missing(string name)
    {
        var command = new Command(name, "Not in this build, which is for Orleans: virtual time is in the default build.") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(_ => Refuse(name));
        return command;
    }

    private static int Refuse(string name) =>
        throw new UserException($"this build is for Orleans and has no simulator: run './notebook {name}' of the default build");
}
#endif
