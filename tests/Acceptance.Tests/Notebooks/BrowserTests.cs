using System.Diagnostics;
using Notebook.Acceptance.Tests.Corpus;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Notebooks;

/// <summary>The classic Notebook of <c>notebook lab</c> in a browser, as a person uses it (<c>clients/browser.py</c>).</summary>
public class BrowserTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const int GpusPerServer = 8;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    [RequiresModuleFact("selenium", "python3-selenium and chromium-driver")]
    public async Task Cells_run_are_interrupted_and_outlive_a_page_that_is_loaded_anew_and_the_kernel_is_restarted()
    {
        using var folder = new TemporaryDirectory();
        using var lab = await StartLabAsync(folder.Path);
        await using var browser = new Browser(lab.Url, folder.Path, "cells");
        await browser.EndAsync(Output);
    }

    [RequiresModuleFact("selenium", "python3-selenium and chromium-driver")]
    public async Task Widgets_work_before_and_after_the_executor_changes()
    {
        using var folder = new TemporaryDirectory();
        await using var gates = await ServerGates.MakeAsync(Platform, GpusPerServer);
        var others = (await Platform.StatusAsync()).Kernels.Select(k => k.Id).ToHashSet();
        using var lab = await StartLabAsync(folder.Path);
        await using var browser = new Browser(lab.Url, folder.Path, "widgets");
        await browser.SaysAsync("before");

        async Task<string> ServerAsync()
        {
            var status = await Platform.StatusAsync();
            return status.Executor(status.Kernels.Single(k => !others.Contains(k.Id)).Id)!.Server;
        }

        var before = await ServerAsync();
        await gates.NextAsync();
        await browser.GoOnAsync();
        await browser.EndAsync(Output);
        Assert.NotEqual(before, await ServerAsync());
    }

    private async Task<Lab> StartLabAsync(string folder)
    {
        var process = Command.Start(
            "dotnet", [Built.Assembly("Cli"), "lab", "--data", Platform.Data, "--no-browser", "--notebook-dir", folder, "--port", $"{NotebookPlatform.FreePort()}"]);
        while (await process.StandardOutput.ReadLineAsync().WithinAsync("'ready' from notebook lab", s_limit) is { } line)
            if (line.StartsWith("ready ", StringComparison.Ordinal)) return new(process, line["ready ".Length..].Trim());
        throw new InvalidOperationException($"notebook lab ended: {await process.StandardError.ReadToEndAsync()}");
    }

    /// <summary>A front end that runs; its kernels are ended with it.</summary>
    private sealed class Lab(Process process, string url) : IDisposable
    {
        public string Url => url;

        public void Dispose()
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
    }

    /// <summary>The script that drives the browser.</summary>
    private sealed class Browser : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly List<string> _said = [];
        private readonly Task<string> _errors;

        public Browser(string url, string folder, string what)
        {
            var start = Command.StartInfo(Command.Python, [Built.File("tests", "Acceptance.Tests", "clients", "browser.py"), url, folder, what]);
            (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
            _process = Process.Start(start)!;
            _errors = _process.StandardError.ReadToEndAsync();
        }

        /// <summary>Waits until it prints this line.</summary>
        public async Task SaysAsync(string line)
        {
            do
            {
                var said = await _process.StandardOutput.ReadLineAsync().WithinAsync($"'{line}' of the browser", s_limit);
                _said.Add(said ?? throw new InvalidOperationException($"the browser's script ended before '{line}': {await _errors}"));
            }
            while (_said[^1] != line);
        }

        public Task GoOnAsync() => _process.StandardInput.WriteLineAsync();

        /// <summary>Waits until it has ended well.</summary>
        public async Task EndAsync(ITestOutputHelper output)
        {
            var rest = await _process.StandardOutput.ReadToEndAsync().WithinAsync("the end of the browser's script", s_limit);
            output.WriteLine($"{string.Join('\n', _said)}\n{rest}");
            await _process.WaitForExitAsync();
            Assert.True(_process.ExitCode == 0, await _errors);
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
