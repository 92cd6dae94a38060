using System.CommandLine;
using System.Diagnostics;

namespace Notebook.Cli.Commands;

/// <summary>
/// <c>notebook silo|gateway|agent</c>. The launcher starts these programs itself, without this one in between; here they
/// are for the help, and for those who call this program directly.
/// </summary>
internal static class ProcessCommands
{
    /// <summary>Builds the command of one process.</summary>
    public static Command Build(string role, string description, Installation installation)
    {
        var arguments = new Argument<string[]>("options") { Description = $"'notebook {role} --help' lists them.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(role, description) { arguments };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (_, _) =>
        {
            var info = new ProcessStartInfo(installation.Dotnet);
            info.ArgumentList.Add(installation.Assembly(char.ToUpperInvariant(role[0]) + role[1..]));
            foreach (var argument in RawArguments.Behind(role)) info.ArgumentList.Add(argument);
            using var process = Process.Start(info)!;
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode;
        });
        return command;
    }
}
