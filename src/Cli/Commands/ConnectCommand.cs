using System.CommandLine;
using System.Text.Json.Nodes;
using Notebook.Cli.Notebooks;
using Notebook.Cli.Platform;
using Notebook.Hosting;

namespace Notebook.Cli.Commands;

/// <summary>
/// <c>notebook connect KERNEL</c>: a connection file for a kernel of the platform, with which any Jupyter client uses it as a
/// kernel of its own machine.
/// </summary>
internal sealed class ConnectCommand(CommonOptions common)
{
    private readonly Argument<string?> _kernel = new("KERNEL")
    {
        Description = "The kernel's id, or its beginning (default: the only one that runs).",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _start = new("--start")
    {
        Description = "Start a kernel of this kernelspec (without a name: python3) and connect to it.",
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "SPEC",
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Where to write the connection file (default: Jupyter's runtime folder).",
        HelpName = "FILE",
    };

    private readonly Option<bool> _close = new("--close") { Description = "Close the kernel's ports again; the kernel stays." };
    private readonly Option<bool> _json = new("--json") { Description = "As JSON, for programs." };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("connect", "Write a connection file, with which any Jupyter client uses a kernel.") { _kernel, _start, _output, _close, _json };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var starts = parsed.GetResult(_start) is not null;
        if (starts && (parsed.GetValue(_kernel) is not null || parsed.GetValue(_close)))
            throw new UserException("--start makes a kernel of its own: leave out KERNEL and --close", ExitCodes.Usage);
        var (gateway, token) = RunningGateway.Find(common.FindData(parsed), common.DataPath(parsed));
        using var kernels = new KernelsClient(gateway, token);
        var kernel = starts
            ? await kernels.StartAsync(parsed.GetValue(_start) ?? "python3", Environment.CurrentDirectory, cancel)
            : Choose(await kernels.ListAsync(cancel), parsed.GetValue(_kernel));
        var file = Path.GetFullPath(parsed.GetValue(_output) ?? Path.Combine(JupyterPaths.Runtime, $"kernel-{kernel}.json"));
        if (parsed.GetValue(_close)) return await CloseAsync(kernels, kernel, file, cancel);

        var connection = await kernels.ConnectAsync(kernel, cancel);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            DataDirectory.WriteSecret(file, connection.ToJsonString(Json.Options));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot write the connection file {file}: {e.Message} Name another with --output.");
        }

        if (parsed.GetValue(_json))
        {
            await Console.Out.WriteLineAsync(new JsonObject { ["kernel"] = kernel, ["connection_file"] = file }.ToJsonString(Json.Options));
            return ExitCodes.Ok;
        }

        await Console.Out.WriteLineAsync($"kernel {kernel}: its connection file is {file}");
        await Console.Out.WriteLineAsync($"for example: jupyter console --existing {file}");
        return ExitCodes.Ok;
    }

    private static async Task<int> CloseAsync(KernelsClient kernels, string kernel, string file, CancellationToken cancel)
    {
        var was = await kernels.DisconnectAsync(kernel, cancel);
        if (File.Exists(file)) File.Delete(file);
        await Console.Out.WriteLineAsync(was ? $"kernel {kernel}: its ports are closed" : $"kernel {kernel} has no ports open");
        return ExitCodes.Ok;
    }

    private static string Choose(IReadOnlyList<string> running, string? asked)
    {
        if (running.Count == 0) throw new UserException("no kernel runs: start one with 'notebook connect --start'");
        var matches = running.Where(k => k.StartsWith(asked ?? "", StringComparison.Ordinal)).ToArray();
        return matches switch
        {
            [var one] => one,
            [] => throw new UserException($"no kernel '{asked}' runs; there are: {List(running)}"),
            _ when asked is null => throw new UserException($"{matches.Length} kernels run, say which: {List(matches)}", ExitCodes.Usage),
            _ => throw new UserException($"{matches.Length} kernels begin with '{asked}', say more of it: {List(matches)}", ExitCodes.Usage),
        };
    }

    private static string List(IReadOnlyList<string> kernels)
    {
        const int Shown = 10;
        return string.Join(", ", kernels.Take(Shown)) + (kernels.Count > Shown ? $" and {kernels.Count - Shown} more ('notebook status')" : "");
    }
}
