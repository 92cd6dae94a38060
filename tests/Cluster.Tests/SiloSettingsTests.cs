using System.CommandLine;
using Notebook.Hosting;
using Notebook.Silo;

namespace Notebook.Cluster.Tests;

/// <summary>What the Orleans build's silo makes of its command line.</summary>
public sealed class SiloSettingsTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("nb-silo-settings-").FullName;

    [Fact]
    public void Servers_that_are_children_of_one_silo_are_refused_and_servers_by_a_program_are_not()
    {
        var refusal = Assert.Throws<UserException>(() => Build("--provisioner", "process", "--max-servers", "3"));
        Assert.StartsWith("--provisioner process makes servers of this silo's machine", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, refusal.ExitCode);
        Build("--provision-command", "/bin/sh", "--max-servers", "3");
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private void Build(params string[] arguments)
    {
        var secrets = Directory.CreateDirectory(Path.Combine(_data, "secrets")).FullName;
        File.WriteAllText(Path.Combine(secrets, "cluster.key"), new string('k', 64));
        File.WriteAllText(Path.Combine(secrets, "token"), "cluster-tests");
        var postgres = Path.Combine(secrets, "postgres");
        File.WriteAllText(postgres, "Host=127.0.0.1;Port=1;Username=nobody");
        var command = new RootCommand();
        var options = new SiloOptions(command);
        var parsed = command.Parse(["--data", _data, "--listen", "127.0.0.1:0", "--postgres-file", postgres, .. arguments]);
        Assert.Empty(parsed.Errors);
        SiloApp.Build(options.Read(parsed)).DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
