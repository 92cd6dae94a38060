using Notebook.Acceptance.Tests.Corpus;
using Notebook.Acceptance.Tests.Platform;

namespace Notebook.Acceptance.Tests.Notebooks;

/// <summary>The classic Notebook of <c>notebook lab</c> in a browser, as a person uses it (<c>clients/browser.py</c>).</summary>
public class BrowserTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const int GpusPerServer = 8;

    [RequiresModuleFact("selenium", "python3-selenium and chromium-driver")]
    public async Task Cells_run_are_interrupted_and_outlive_a_page_that_is_loaded_anew_and_the_kernel_is_restarted()
    {
        using var folder = new TemporaryDirectory();
        using var lab = await Lab.StartAsync(Platform, folder.Path);
        await using var browser = new Browser("browser.py", lab.Url, folder.Path, "cells");
        await browser.EndAsync(Output);
    }

    [RequiresModuleFact("selenium", "python3-selenium and chromium-driver")]
    public async Task Widgets_work_before_and_after_the_executor_changes()
    {
        using var folder = new TemporaryDirectory();
        await using var gates = await ServerGates.MakeAsync(Platform, GpusPerServer);
        var others = (await Platform.StatusAsync()).Kernels.Select(k => k.Id).ToHashSet();
        using var lab = await Lab.StartAsync(Platform, folder.Path);
        await using var browser = new Browser("browser.py", lab.Url, folder.Path, "widgets");
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
}
