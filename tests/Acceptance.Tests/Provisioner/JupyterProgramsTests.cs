using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Provisioner;

/// <summary>Stock Jupyter programs with our kernelspec among their own.</summary>
public class JupyterProgramsTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    [Fact]
    public async Task A_jupyter_server_offers_it_beside_its_own_and_starts_it()
    {
        using var kernelspec = await InstalledKernelspec.InstallAsync(Platform);
        await using var server = await JupyterServer.StartAsync([], kernelspec.Environment);
        using var jupyter = new JupyterApi(server.Address, token: null);

        var (_, specs) = await jupyter.SendAsync(HttpMethod.Get, "api/kernelspecs");
        Assert.Equal(InstalledKernelspec.DisplayName, specs!["kernelspecs"]![InstalledKernelspec.Name]!["spec"]!["display_name"]!.GetValue<string>());
        Assert.NotNull(specs["kernelspecs"]!["python3"]);

        var kernel = await jupyter.StartKernelAsync(InstalledKernelspec.Name);
        Assert.Equal(200, (await Api.SendAsync(HttpMethod.Get, $"api/kernels/{kernel}")).Status);
        await using var session = await jupyter.ConnectAsync(kernel);
        Assert.Equal("2", (await session.ExecuteAsync("1 + 1")).Result);

        var (status, _) = await jupyter.SendAsync(HttpMethod.Post, $"api/kernels/{kernel}/restart", "{}");
        Assert.Equal(200, status);
        await using var again = await jupyter.ConnectAsync(kernel);
        Assert.Equal("1", (await again.ExecuteAsync("1")).Result);

        Assert.Equal(204, (await jupyter.DeleteKernelAsync(kernel)).Status);
        Assert.Equal(404, (await Api.SendAsync(HttpMethod.Get, $"api/kernels/{kernel}")).Status);
    }

    [Fact]
    public async Task Nbconvert_runs_a_notebook_with_it_and_leaves_no_kernel()
    {
        using var kernelspec = await InstalledKernelspec.InstallAsync(Platform);
        var before = (await Api.SendAsync(HttpMethod.Get, "api/kernels")).Body!.AsArray().Count;
        var folder = kernelspec.Prefix;

        (await Command.RunAsync(
            Command.Python,
            [
                "-m", "nbconvert", "--execute", "--to", "notebook", "--output-dir", folder, "--output", "executed",
                $"--ExecutePreprocessor.kernel_name={InstalledKernelspec.Name}", Built.File("samples", "notebooks", "00-first-steps.ipynb"),
            ],
            environment: kernelspec.Environment)).Checked();

        var notebook = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "executed.ipynb")))!;
        var cells = notebook["cells"]!.AsArray().Where(c => c!["cell_type"]!.GetValue<string>() == "code").ToArray();
        Assert.NotEmpty(cells);
        Assert.Equal(Enumerable.Range(1, cells.Length), cells.Select(c => c!["execution_count"]!.GetValue<int>()));
        Assert.Equal(before, (await Api.SendAsync(HttpMethod.Get, "api/kernels")).Body!.AsArray().Count);
    }

    [Fact]
    public async Task It_is_removed_without_a_trace()
    {
        using var kernelspec = await InstalledKernelspec.InstallAsync(Platform);
        (await kernelspec.CommandAsync(Platform.Data, "--name", "second")).Checked();

        (await kernelspec.CommandAsync(Platform.Data, "--remove")).Checked();
        Assert.NotEmpty(Directory.EnumerateFiles(kernelspec.Prefix, "provisioner.py", SearchOption.AllDirectories));   // the second needs it

        (await kernelspec.CommandAsync(Platform.Data, "--remove", "--name", "second")).Checked();
        Assert.Empty(Directory.EnumerateFiles(kernelspec.Prefix, "*", SearchOption.AllDirectories));
    }
}
