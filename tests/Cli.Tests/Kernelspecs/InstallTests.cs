using System.Text.Json.Nodes;
using Notebook.Cli.Kernelspecs;
using Notebook.Hosting;
using Xunit;

namespace Notebook.Cli.Tests.Kernelspecs;

public sealed class InstallTests : IDisposable
{
    private static readonly JupyterPython Usual = new("/usr/bin/python3", "7.4.9", "/me/site", "/me/jupyter", "/usr/site", "/usr", IsVirtual: false);
    private readonly string _folder = Directory.CreateTempSubdirectory("notebook-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_a_wish_it_goes_to_the_user_and_in_a_virtual_environment_into_that()
    {
        Assert.Equal(new InstallPlace("/me/jupyter/kernels", "/me/site"), InstallPlace.Of(Usual, forUser: false, prefix: null));
        Assert.Equal(new InstallPlace("/usr/share/jupyter/kernels", "/usr/site"), InstallPlace.Of(Usual with { IsVirtual = true }, forUser: false, prefix: null));
        Assert.Equal(new InstallPlace("/usr/share/jupyter/kernels", "/usr/site"), InstallPlace.Of(Usual, forUser: false, prefix: "/usr"));
    }

    [Fact]
    public void For_a_user_whose_Python_looks_for_no_users_packages_it_is_refused() =>
        Assert.Contains("--prefix", Assert.Throws<UserException>(() => InstallPlace.Of(Usual with { UserSite = null }, forUser: true, prefix: null)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_package_is_as_importlib_and_pip_look_for_it_also_when_it_is_installed_again()
    {
        var site = Path.Combine(_folder, "site");
        Directory.CreateDirectory(Path.Combine(site, "notebook_jupyter-0.9.dist-info"));
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(site, "notebook_jupyter")).FullName, "gone.py"), "");

        for (var times = 0; times < 2; times++) JupyterPackage.Built.InstallIn(site);

        var information = Assert.Single(Directory.GetDirectories(site, "*.dist-info"));
        Assert.Contains($"{JupyterPackage.Provisioner} = notebook_jupyter.provisioner:", File.ReadAllText(Path.Combine(information, "entry_points.txt")), StringComparison.Ordinal);
        var recorded = File.ReadAllLines(Path.Combine(information, "RECORD")).Select(l => l.Split(',')[0]).Order(StringComparer.Ordinal);
        var there = Directory.EnumerateFiles(site, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(site, f)).Order(StringComparer.Ordinal);
        Assert.Equal(there, recorded);
    }

    [Fact]
    public void A_kernelspec_of_somebody_else_is_neither_overwritten_nor_removed()
    {
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "theirs")).FullName, "kernel.json"), """{"metadata":{}}""");
        Assert.Throws<UserException>(() => Spec("theirs").WriteTo(_folder));
        Assert.Throws<UserException>(() => PlatformKernelspec.Remove(_folder, "theirs"));
        Assert.False(PlatformKernelspec.AnyIn(_folder));
    }

    [Fact]
    public void Ours_names_the_provisioner_and_no_secret_and_can_be_replaced_and_removed()
    {
        for (var times = 0; times < 2; times++) Spec("ours").WriteTo(_folder);
        var spec = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "ours", "kernel.json")))!;
        Assert.Equal("""{"provisioner_name":"notebook-platform","config":{"data_directory":"/data"}}""", spec["metadata"]!["kernel_provisioner"]!.ToJsonString());
        Assert.True(PlatformKernelspec.AnyIn(_folder));
        Assert.NotNull(PlatformKernelspec.Remove(_folder, "ours"));
        Assert.Null(PlatformKernelspec.Remove(_folder, "ours"));
    }

    [Theory]
    [InlineData("../up")]
    [InlineData(".hidden")]
    [InlineData("")]
    [InlineData("a/b")]
    public void A_name_that_leads_elsewhere_is_refused(string name) => Assert.NotNull(PlatformKernelspec.Fault(name));

    private static PlatformKernelspec Spec(string name) =>
        new(name, "Ours", "python", new Dictionary<string, string>(), new JsonObject { ["data_directory"] = "/data" }, Debugger: false);
}
