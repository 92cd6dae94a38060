using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Microsoft.AspNetCore.Connections;
using Notebook.Links;

namespace Notebook.Hosting;

/// <summary>The outermost frame of every process of ours: parses, runs, and turns failures into one line and an exit code.</summary>
public static class ProcessMain
{
    /// <summary>Runs <paramref name="command"/> with the process's arguments.</summary>
    /// <param name="name">For the error line, such as <c>notebook silo</c>.</param>
    /// <param name="command">The command with its action.</param>
    /// <param name="args">The process's arguments; <c>--verbose</c> anywhere shows whole exceptions.</param>
    public static async Task<int> RunAsync(string name, RootCommand command, string[] args)
    {
        try
        {
            foreach (var help in command.Options.OfType<HelpOption>())
                if (help.Action is SynchronousCommandLineAction action) help.Action = new NamedHelp(action, name);
            var parsed = command.Parse(args);
            if (parsed.Errors.Count > 0)
            {
                await Console.Error.WriteLineAsync($"{name}: {parsed.Errors[0].Message} ('{name} --help' lists the options)");
                return ExitCodes.Usage;
            }

            // Who stops gracefully handles the signals itself; the library would end the process two seconds after one.
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception e) when (Explain(e) is { } explained)
        {
            await Console.Error.WriteLineAsync($"{name}: {explained.Line}");
            if (args.Contains("--verbose")) await Console.Error.WriteLineAsync(e.ToString());
            return explained.Code;
        }
    }

    private static (string Line, int Code)? Explain(Exception e) => e switch
    {
        UserException user => (user.Message, user.ExitCode),
        LinkRefusedException refused => (refused.Message, ExitCodes.RefusedByPeer),
        LinkException link => (link.Message, ExitCodes.Failed),
        IOException { InnerException: AddressInUseException inUse } io =>
            ($"{inUse.Message} {io.Message} Stop what listens there, or choose another port.", ExitCodes.PortInUse),
        OperationCanceledException => ("interrupted", ExitCodes.Failed),
        _ => null,   // a fault of ours: let it crash with its whole story
    };
}
