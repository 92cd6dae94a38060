using Notebook.Acceptance.Tests.Platform;

namespace Notebook.Acceptance.Tests.Notebooks;

/// <summary>
/// JupyterLab 4 of <c>notebook lab</c> in a browser, as a person uses it (<c>clients/jupyterlab.py</c>): its own packages from npm
/// on Debian's Jupyter Server 1, whose gateway client is the one that loses most.
/// </summary>
public class JupyterLabTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    [RequiresJupyterLabFact]
    public async Task A_fresh_page_runs_its_first_cell_at_once_and_cells_outlive_a_page_that_is_loaded_anew()
    {
        using var folder = new TemporaryDirectory();
        using var lab = await Lab.StartAsync(Platform, folder.Path, Path.Combine(RequiresJupyterLabFact.Folder, "program"));
        Assert.Contains("/lab?", lab.Url, StringComparison.Ordinal);
        await using var browser = new Browser("jupyterlab.py", lab.Url, folder.Path, "cells");
        await browser.EndAsync(Output);
    }
}
