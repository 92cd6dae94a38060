using System.Diagnostics;
using System.Text;

namespace Notebook.Rig.Platform;

/// <summary>What a program printed, and its exit code.</summary>
public sealed record CommandResult(string Command, int ExitCode, string Stdout, string Stderr)
{
    /// <summary>This, when it ended well.</summary>
    public CommandResult Checked() => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"'{Command}' ended with {ExitCode}\n{Stdout}\n{Stderr}");
}

/// <summary>Runs programs to their end.</summary>
public static class Command
{
    /// <summary>A Python that has ipykernel and the stock clients.</summary>
    public static string Python { get; } = Environment.GetEnvironmentVariable("NOTEBOOK_PYTHON") ?? "/usr/bin/python3";

    /// <summary>Runs one of our programs.</summary>
    public static Task<CommandResult> NotebookAsync(string project, IReadOnlyList<string> arguments, TimeSpan? limit = null) =>
        RunAsync("dotnet", [Built.Assembly(project), .. arguments], limit);

    /// <summary>Runs a program; past the limit it is ended, which is an error.</summary>
    public static async Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, TimeSpan? limit = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var name = $"{program} {string.Join(' ', arguments)}";
        using var process = Start(program, arguments, environment: environment);
        var stdout = CollectAsync(process.StandardOutput);
        var stderr = CollectAsync(process.StandardError);
        try
        {
            await process.WaitForExitAsync().WaitAsync(limit ?? TimeSpan.FromSeconds(60), TimeProvider.System);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{name}' did not end in time; it printed\n{await stdout.Text()}\n{await stderr.Text()}");
        }

        return new(name, process.ExitCode, await stdout.Text(), await stderr.Text());
    }

    /// <summary>Starts a program with its outputs redirected.</summary>
    /// <param name="program">Its path, or its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="ipythonFolder">Where its kernels keep what IPython keeps in a home, such as the history: for a program
    /// that stands for a machine of its own. Null for the home that there is.</param>
    /// <param name="environment">What is added to its environment.</param>
    public static Process Start(
        string program, IReadOnlyList<string> arguments, string? ipythonFolder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = StartInfo(program, arguments);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        if (ipythonFolder is not null) start.Environment["IPYTHONDIR"] = ipythonFolder;
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        return Process.Start(start)!;
    }

    /// <summary>How to start a program as from a shell.</summary>
    public static ProcessStartInfo StartInfo(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Built.Root };
        // Test runners set these for themselves; the platform must start as it would from a shell.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        return start;
    }

    private static Collected CollectAsync(StreamReader reader)
    {
        var collected = new Collected();
        collected.Reading = ReadAsync(reader, collected);
        return collected;
    }

    private static async Task ReadAsync(StreamReader reader, Collected into)
    {
        var buffer = new char[4096];
        for (int count; (count = await reader.ReadAsync(buffer)) > 0;) into.Add(buffer.AsSpan(0, count));
    }

    /// <summary>The end of a program is not the end of its pipe where a child lives on with it: so there is a limit.</summary>
    private sealed class Collected
    {
        private readonly StringBuilder _text = new();

        public Task Reading { get; set; } = Task.CompletedTask;

        public void Add(ReadOnlySpan<char> text)
        {
            lock (_text) _text.Append(text);
        }

        public async Task<string> Text()
        {
            await Task.WhenAny(Reading, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System));
            lock (_text) return _text.ToString();
        }
    }
}
