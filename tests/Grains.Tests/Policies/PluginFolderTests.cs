using System.Runtime.Loader;
using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Policies.Plugins;

namespace Notebook.Grains.Tests.Policies;

public sealed class PluginFolderTests : IDisposable
{
    private static readonly string s_samples = Path.Combine(AppContext.BaseDirectory, "sample-policies");
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private readonly string _folder = Directory.CreateTempSubdirectory("notebook-policies-").FullName;
    private readonly PluginWriter _writer;

    public PluginFolderTests() => _writer = new PluginWriter(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_sample_is_found_picked_and_decides()
    {
        var catalog = PolicyCatalog.Open(s_samples);
        Assert.Empty(catalog.Faults);
        var sample = Assert.Single(catalog.All, p => !p.IsBuiltIn);
        Assert.Equal(
            ("placement", "free-memory", "FreeMemoryPlacement.dll", false),
            (sample.Kind.Name, sample.Name, sample.Origin, sample.IsDefault));
        Assert.NotEmpty(sample.Description);

        var policy = (IPlacementPolicy)catalog.Plan(["placement=free-memory"]).Picks.Single(p => p.Known.Kind == PolicyKinds.Placement).Policy;
        var decision = policy.Place(new ResourceRequest(1, MemoryMb: 100), 2, [Server("a", 900), Server("b", 100), Server("c", 500)]);
        Assert.Equal(["b", "c"], decision.Servers.Select(s => s.Value));
        Assert.Equal("at least 500 MB are free on each", decision.Reason);
    }

    [Fact]
    public void A_plug_in_has_a_context_of_its_own_but_the_platforms_contracts()
    {
        foreach (var file in Directory.GetFiles(s_samples)) File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        File.Copy(typeof(IPolicy).Assembly.Location, Path.Combine(_folder, "Notebook.Contracts.dll"));
        var policy = Assert.Single(Scan().Policies).Make(null);
        Assert.NotSame(AssemblyLoadContext.GetLoadContext(typeof(IPolicy).Assembly), AssemblyLoadContext.GetLoadContext(policy.GetType().Assembly));
        Assert.IsAssignableFrom<IPlacementPolicy>(policy);
    }

    [Fact]
    public void An_empty_folder_and_files_of_other_kinds_are_no_fault()
    {
        File.WriteAllText(Path.Combine(_folder, "README.md"), "");
        Directory.CreateDirectory(Path.Combine(_folder, "below"));
        AssertFaults();
    }

    [Fact]
    public void A_folder_that_is_not_there_is_a_fault() => Assert.StartsWith(
        $"the policy plug-ins' folder {_folder}/none cannot be read: ",
        Assert.Single(PluginFolder.Scan($"{_folder}/none", s_patience).Faults), StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_no_assembly_is_a_fault()
    {
        File.WriteAllText(Path.Combine(_folder, "Text.dll"), "not code");
        File.WriteAllBytes(Path.Combine(_folder, "Void.dll"), []);
        AssertFaults(
            "policy plug-in Text.dll: it is no .NET assembly: build it again, or take it out of the folder",
            "policy plug-in Void.dll: it is no .NET assembly: build it again, or take it out of the folder");
    }

    [Fact]
    public void A_constructor_that_throws_is_a_fault()
    {
        _writer.Write("Throws", typeof(IPlacementPolicy), "throws", body => PluginWriter.Throw(body, "no licence"));
        AssertFaults("policy plug-in Throws.dll: the policy Throws.Policy cannot be made: it threw InvalidOperationException: no licence");
    }

    [Fact]
    public void A_constructor_that_never_returns_is_a_fault()
    {
        _writer.Write("Hangs", typeof(IPlacementPolicy), "hangs", PluginWriter.Hang);
        Assert.Equal<string>(
            ["policy plug-in Hangs.dll: the policy Hangs.Policy cannot be made: it did not answer within 0.05 s"],
            [.. PluginFolder.Scan(_folder, TimeSpan.FromMilliseconds(50)).Faults]);
    }

    [Fact]
    public void A_class_that_cannot_be_made_without_parameters_is_a_fault()
    {
        _writer.Write("Wants", typeof(IExecutorPolicy), "wants", parameters: [typeof(int)]);
        AssertFaults("policy plug-in Wants.dll: the class Wants.Policy implements IExecutorPolicy, but has no public constructor without parameters");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("with:option")]
    public void A_name_that_could_not_be_written_on_a_command_line_is_a_fault(string? name)
    {
        _writer.Write("Named", typeof(IPlacementPolicy), name);
        AssertFaults("policy plug-in Named.dll: the name of the policy Named.Policy must be 1 to 64 lower-case letters, digits and hyphens");
    }

    [Fact]
    public void A_name_that_is_taken_is_a_fault()
    {
        _writer.Write("First", typeof(IPlacementPolicy), "mine");
        _writer.Write("Second", typeof(IPlacementPolicy), "mine");
        _writer.Write("Third", typeof(IPlacementPolicy), "least-loaded");
        _writer.Write("Fourth", typeof(IExecutorPolicy), "least-loaded");   // another kind's names are free
        var catalog = PolicyCatalog.Open(_folder);
        Assert.Equal<string>(
            [
                "policy plug-in Second.dll: its placement policy is called mine, as one that is from First.dll: give it another name",
                "policy plug-in Third.dll: its placement policy is called least-loaded, as one that is built-in: give it another name",
            ],
            [.. catalog.Faults]);
        Assert.Equal(
            $"{catalog.Faults[0]} (and 1 more: 'notebook policies --policies FOLDER' lists them)",
            Assert.Throws<PolicyException>(() => catalog.Plan([])).Message);
    }

    [Fact]
    public void An_assembly_that_is_missing_is_a_fault_and_its_presence_is_none()
    {
        _writer.WriteParent("Library");
        var library = new AssemblyLoadContext("written").LoadFromStream(new MemoryStream(File.ReadAllBytes(Path.Combine(_folder, "Library.dll"))));
        _writer.Write("Needs", typeof(IPlacementPolicy), "needs", parent: library.GetType("Library.Parent"));
        Assert.Equal("needs", Assert.Single(Scan().Policies).Name);
        File.Delete(Path.Combine(_folder, "Library.dll"));
        AssertFaults("policy plug-in Needs.dll: it needs the assembly Library 0.0.0.0, which is neither in the folder nor part of the platform: copy it there");
    }

    [Fact]
    public void The_same_assembly_twice_is_a_fault()
    {
        _writer.Write("Once", typeof(IPlacementPolicy), "once");
        File.Copy(Path.Combine(_folder, "Once.dll"), Path.Combine(_folder, "Twice.dll"));
        AssertFaults("policy plug-in Twice.dll: it holds the assembly Once, as Once.dll does: take one of them out");
    }

    private PluginScan Scan() => PluginFolder.Scan(_folder, s_patience);

    private void AssertFaults(params string[] lines) => Assert.Equal(lines, Scan().Faults);

    private static PlacementServer Server(string id, long usedMb) => new(new ServerId(id), 4, 4, 0, 0, new ServerLoad(0, usedMb, 1000, 0));
}
