using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Notebooks;

/// <summary>The sample notebooks give the same outputs on the platform as on a plain ipykernel.</summary>
public class NotebooksTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const string First = "00-first-steps", Python = "01-python-and-plots";
    private const string Pandas = "02-numpy-and-pandas", Torch = "03-pytorch-training";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    [Fact]
    public Task First_steps_by_notebook_run() => ByNotebookRunAsync(First);

    [RequiresModuleFact("matplotlib", "python3-matplotlib")]
    public Task Python_and_plots_through_jupyter_server() => ThroughJupyterServerAsync(Python);

    [RequiresModuleFact("pandas", "python3-pandas")]
    public Task Numpy_and_pandas_through_jupyter_server() => ThroughJupyterServerAsync(Pandas);

    [RequiresModuleFact("torch", "python3-torch")]
    public Task Pytorch_training_through_jupyter_server() => ThroughJupyterServerAsync(Torch);

    [RequiresModuleFact("matplotlib", "python3-matplotlib")]
    public Task Python_and_plots_by_notebook_run() => ByNotebookRunAsync(Python);

    [RequiresModuleFact("pandas", "python3-pandas")]
    public Task Numpy_and_pandas_by_notebook_run() => ByNotebookRunAsync(Pandas);

    [RequiresModuleFact("torch", "python3-torch")]
    public Task Pytorch_training_by_notebook_run() => ByNotebookRunAsync(Torch);

    private async Task ThroughJupyterServerAsync(string notebook)
    {
        await using var server = await JupyterServer.StartAsync(Platform);
        await CompareAsync(notebook, "--server", server.Address.AbsoluteUri.TrimEnd('/'));
    }

    private async Task ByNotebookRunAsync(string notebook)
    {
        var executed = Path.Combine(Platform.Data, $"{notebook}.executed.ipynb");
        (await Platform.RunAsync("run", Sample(notebook), "--output", executed)).Checked();
        await CompareAsync(notebook, "--executed", executed);
    }

    private async Task CompareAsync(string notebook, string kind, string other)
    {
        var script = Built.File("tests", "Acceptance.Tests", "clients", "same_outputs.py");
        var result = await Command.RunAsync(Command.Python, [script, Sample(notebook), kind, other], s_limit);
        Output.WriteLine(result.Stdout);
        Assert.True(result.ExitCode == 0, $"{result.Stdout}\n{result.Stderr}");
    }

    private static string Sample(string notebook) => Built.File("samples", "notebooks", $"{notebook}.ipynb");
}
