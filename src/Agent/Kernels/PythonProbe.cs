using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Notebook.Agent.Kernels;

/// <summary>Asks Pythons what they are; each one once.</summary>
internal sealed class PythonProbe(TimeProvider time)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, Task<ProbeOutcome>> _asked = new();

    public Task<ProbeOutcome> AskAsync(string executable) => _asked.GetOrAdd(executable, RunAsync);

    private async Task<ProbeOutcome> RunAsync(string executable)
    {
        var start = new ProcessStartInfo(executable, [Path.Combine(KernelPackage.Folder, "notebook_kernel", "probe.py")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            using var limit = new CancellationTokenSource(s_limit, time);
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(limit.Token);
                var errors = process.StandardError.ReadToEndAsync(limit.Token);
                await process.WaitForExitAsync(limit.Token);
                return process.ExitCode == 0
                    ? Judge(executable, JsonSerializer.Deserialize<PythonInfo>(LastLine(await output))!)
                    : new ProbeOutcome.Unusable($"{executable} cannot be asked what it is: {LastLine(await errors)}");
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return new ProbeOutcome.Unusable($"{executable} did not answer in {s_limit.TotalSeconds:0} s");
            }
        }
        catch (Exception e) when (e is Win32Exception or JsonException)
        {
            return new ProbeOutcome.Unusable($"{executable} cannot be started as a Python: {e.Message}");
        }
    }

    private static ProbeOutcome Judge(string executable, PythonInfo info) => info switch
    {
        { Supported: false } => new ProbeOutcome.Unusable($"{executable} is Python {info.Version}, but 3.9 or later is needed"),
        { Ipykernel: null } => new ProbeOutcome.Unusable(
            $"{executable} has no ipykernel: install it with '{executable} -m pip install ipykernel'"),
        _ => new ProbeOutcome.Usable(info),
    };

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];
}

/// <summary>What came of asking a Python.</summary>
internal abstract record ProbeOutcome
{
    /// <summary>Kernels can run on it.</summary>
    public sealed record Usable(PythonInfo Python) : ProbeOutcome;

    /// <summary>They cannot; one line for the operator.</summary>
    public sealed record Unusable(string Reason) : ProbeOutcome;
}
