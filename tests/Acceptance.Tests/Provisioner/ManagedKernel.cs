using System.Diagnostics;
using System.Text.Json.Nodes;
using Notebook.Rig;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Provisioner;

/// <summary>A stock <c>KernelManager</c> with its client, in a process of its own (<c>clients/managed_kernel.py</c>).</summary>
internal sealed class ManagedKernel(Process process) : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public static ManagedKernel Of(InstalledKernelspec kernelspec)
    {
        var script = Built.File("tests", "Acceptance.Tests", "clients", "managed_kernel.py");
        var start = Command.StartInfo(Command.Python, [script, InstalledKernelspec.Name]);
        foreach (var (name, value) in kernelspec.Environment) start.Environment[name] = value;
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        return new(Process.Start(start)!);
    }

    /// <summary>Has it do something, and gives what came of it.</summary>
    public async Task<JsonNode?> DoAsync(string name, params JsonNode?[] arguments)
    {
        var (done, result) = await TryAsync(name, arguments);
        return done ? result : throw new InvalidOperationException($"{name} failed: {result}");
    }

    /// <summary>Has it do something that may fail.</summary>
    public async Task<(bool Done, JsonNode? Result)> TryAsync(string name, params JsonNode?[] arguments)
    {
        await process.StandardInput.WriteLineAsync(new JsonArray([name, .. arguments]).ToJsonString());
        await process.StandardInput.FlushAsync();
        var line = await process.StandardOutput.ReadLineAsync().WithinAsync($"the answer to {name}", s_limit)
            ?? throw new InvalidOperationException($"the kernel's manager ended while it was to {name}");
        var answer = JsonNode.Parse(line)!;
        return (answer[0]!.GetValue<string>() == "ok", answer[1]?.DeepClone());
    }

    /// <summary>Runs code; gives what it printed, or the error's name.</summary>
    public async Task<string> RunAsync(string code) => (await DoAsync("run", code))![1]!.GetValue<string>();

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
