using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Notebook.Cli.Setup;

/// <summary>How a program that we ran for its result ended.</summary>
/// <param name="ExitCode">Its exit code; 127 where it could not be started, 124 when it ran out of time.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it printed on standard error.</param>
internal sealed record ProgramResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Whether it went well.</summary>
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last line that says something, for a person.</summary>
    public string LastLine => (Errors + "\n" + Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";
}

/// <summary>Runs short programs for what they print.</summary>
internal static class Programs
{
    private const int CharactersMax = 4 << 20;   // of each stream, the last ones
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(5);

    /// <summary>Runs a program to its end, at most for <paramref name="within"/>.</summary>
    public static async Task<ProgramResult> RunAsync(
        string program, IEnumerable<string> arguments, TimeSpan within, TimeProvider time, CancellationToken cancel,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;

        using var process = new Process { StartInfo = info };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new ProgramResult(127, "", e.Message);
        }

        process.StandardInput.Close();
        var output = new StringBuilder();
        var errors = new StringBuilder();
        var readers = Task.WhenAll(CollectAsync(process.StandardOutput, output), CollectAsync(process.StandardError, errors));
        using var timeout = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        try
        {
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancel.ThrowIfCancellationRequested();
            return new ProgramResult(124, Text(output), $"{Text(errors)}\n{program} did not end within {within.TotalSeconds:0} s");
        }

        // What it left running may hold its pipes open: what it printed itself is here by then.
        await Task.WhenAny(readers, Task.Delay(DrainWithin, time, cancel));
        return new ProgramResult(process.ExitCode, Text(output), Text(errors));
    }

    private static async Task CollectAsync(StreamReader from, StringBuilder into)
    {
        var buffer = new char[4096];
        try
        {
            for (int count; (count = await from.ReadAsync(buffer)) > 0;)
            {
                lock (into)
                {
                    into.Append(buffer, 0, count);
                    if (into.Length > 2 * CharactersMax) into.Remove(0, into.Length - CharactersMax);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Its pipe closed with it.
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    /// <summary>The full paths of a program on PATH, in PATH's order.</summary>
    public static IEnumerable<string> OnPath(string name) =>
        from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        let path = Path.Combine(folder, name)
        where File.Exists(path)
        select path;
}
