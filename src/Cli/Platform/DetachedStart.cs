using System.Collections.Immutable;
using System.Diagnostics;
using Notebook.Hosting;
using Notebook.Hosting.Processes;

namespace Notebook.Cli.Platform;

/// <summary>
/// Starts the supervisor in the background and waits until it is ready. What it says until then is passed on, line by
/// line; from then on it is on its own.
/// </summary>
internal sealed class DetachedStart(Installation installation, TimeProvider time)
{
    /// <summary>Runs <c>notebook</c> with these arguments; returns at its line <c>ready ...</c>, or with its exit code.</summary>
    public async Task<int> RunAsync(ImmutableArray<string> arguments, CancellationToken stop)
    {
        var info = new ProcessStartInfo(installation.Dotnet)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.ArgumentList.Add(installation.Assembly("Cli"));
        foreach (var argument in arguments) info.ArgumentList.Add(argument);

        using var supervisor = Process.Start(info) ?? throw new UserException("could not start the supervisor");
        supervisor.StandardInput.Close();
        using var giveUp = stop.Register(() => Posix.Kill(supervisor.Id, Posix.Terminate));
        var errors = PassOnAsync(supervisor.StandardError, Console.Error);
        while (await supervisor.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            await Console.Out.WriteLineAsync(line);
            if (line.StartsWith("ready ", StringComparison.Ordinal)) return ExitCodes.Ok;
        }

        await supervisor.WaitForExitAsync(CancellationToken.None);
        await Task.WhenAny(errors, Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None));
        return supervisor.ExitCode == 0 ? ExitCodes.Failed : supervisor.ExitCode;   // it ended without having been ready
    }

    private static async Task PassOnAsync(StreamReader from, TextWriter to)
    {
        while (await from.ReadLineAsync() is { } line) await to.WriteLineAsync(line);
    }
}
