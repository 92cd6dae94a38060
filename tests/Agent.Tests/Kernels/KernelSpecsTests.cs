using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Notebook.Agent.Kernels;

namespace Notebook.Agent.Tests.Kernels;

public sealed class KernelSpecsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nb-specs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string json)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "kernel.json"), json);
        return folder;
    }

    [Fact]
    public void A_spec_that_runs_ipykernel_is_read_with_its_logos()
    {
        var folder = Write("My-Env", """
            {"argv":["/opt/env/bin/python","-Xfrozen_modules=off","-m","ipykernel_launcher","-f","{connection_file}"],
             "display_name":"My env","language":"python","env":{"A":"1"}}
            """);
        File.WriteAllBytes(Path.Combine(folder, "logo-64x64.png"), [1, 2, 3]);
        File.WriteAllBytes(Path.Combine(folder, "logo-32x32.png"), new byte[300 << 10]);   // too large
        var spec = KernelSpecFile.Read(folder, "/usr/bin/python3")!;
        Assert.Equal(("my-env", "My env", "/opt/env/bin/python"), (spec.Name, spec.DisplayName, spec.Python));
        Assert.Equal("-Xfrozen_modules=off", Assert.Single(spec.Flags));
        Assert.Equal("1", spec.Environment["A"]);
        Assert.Equal([1, 2, 3], Assert.Single(spec.Resources).Value);
    }

    [Fact]
    public void A_plain_python_means_the_default_one() => Assert.Equal("/the/python", KernelSpecFile.Read(
        Write("p", """{"argv":["python3","-m","ipykernel_launcher","-f","{connection_file}"]}"""), "/the/python")!.Python);

    [Theory]
    [InlineData("""{"argv":["ark","--connection_file","{connection_file}"],"language":"R"}""")]
    [InlineData("""{"argv":["python3","-m","bash_kernel","-f","{connection_file}"]}""")]
    [InlineData("""{"argv":["python3","-m"]}""")]
    [InlineData("""{"argv":"python"}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void Other_kernels_are_skipped(string json) => Assert.Null(KernelSpecFile.Read(Write("other", json), "p"));

    [Fact]
    public void A_spec_of_another_kernel_is_read_as_jupyter_reads_it()
    {
        var folder = Write("R", """
            {"argv":["python3.11","{resource_dir}/main","-f={connection_file}"],"display_name":"R","language":"R","interrupt_mode":"message",
             "env":{"R_HOME":"${HOME}/r"},"metadata":{"debugger":false}}
            """);
        var spec = KernelSpecFile.ReadForeign(folder, "/the/python")!;
        Assert.Equal(("r", "R", "R", "${HOME}/r"), (spec.Name, spec.DisplayName, spec.Language, spec.Environment["R_HOME"]));
        Assert.Equal($"/the/python {folder}/main -f={{connection_file}}", string.Join(' ', spec.Foreign!.Arguments));
        Assert.Equal((true, """{"debugger":false}"""), (spec.Foreign.InterruptsByMessage, spec.Foreign.Metadata));
    }

    [Theory]
    [InlineData("""{"argv":["python3","-m","ipykernel_launcher","-f","{connection_file}"]}""")]   // ours
    [InlineData("""{"argv":["kernel","{connection_file}"],"metadata":{"kernel_provisioner":{"provisioner_name":"elsewhere"}}}""")]
    [InlineData("""{"argv":["kernel"]}""")]
    [InlineData("""{"argv":[]}""")]
    [InlineData("[]")]
    public void What_an_agent_cannot_start_by_itself_is_skipped(string json) => Assert.Null(KernelSpecFile.ReadForeign(Write("other", json), "p"));

    [Fact]
    public async Task Kernels_of_other_languages_are_looked_for_where_they_are_said_to_be_and_one_without_its_program_is_left_out()
    {
        Write("there", """{"argv":["/bin/sh","{connection_file}"]}""");
        Write("gone", """{"argv":["/no/such/program","{connection_file}"]}""");
        Write("python3", """{"argv":["/bin/sh","{connection_file}"]}""");   // ours goes before
        var specs = await new KernelSpecs(new PythonProbe(TimeProvider.System), NullLogger<KernelSpecs>.Instance).FindAsync([], [_folder]);
        Assert.Equal("there", Assert.Single(specs, spec => spec.Foreign is not null).Name);
    }

    [Fact]
    public void A_malformed_spec_is_an_error_of_its_own() =>
        Assert.ThrowsAny<JsonException>(() => KernelSpecFile.Read(Write("bad", "{"), "p"));

    [Theory]
    [InlineData("/usr/bin/python3", "python3")]
    [InlineData("/usr/local/bin/python3.12", "python3.12")]
    [InlineData("/home/u/My Env/bin/python", "my-env")]
    [InlineData("/opt/conda/envs/torch/bin/python3", "torch")]
    [InlineData("/opt/tool/python", "python")]
    public void A_python_is_named_after_its_environment(string python, string name) => Assert.Equal(name, KernelSpecs.NameOf(python));

    [Fact]
    public async Task A_python_without_ipykernel_gets_one_clear_line()
    {
        var none = Path.Combine(_folder, "python3");
        File.WriteAllText(none, $"#!/bin/sh\nexec {Python.WithIpykernel()} -S \"$@\"\n");   // no site-packages
        File.SetUnixFileMode(none, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var outcome = await new PythonProbe(TimeProvider.System).AskAsync(none);
        Assert.Contains("has no ipykernel: install it with", Assert.IsType<ProbeOutcome.Unusable>(outcome).Reason);
        Assert.Contains("cannot be started", Assert.IsType<ProbeOutcome.Unusable>(
            await new PythonProbe(TimeProvider.System).AskAsync("/nowhere/python")).Reason);
    }

    [Fact]
    public async Task There_is_always_a_python3()
    {
        var specs = await new KernelSpecs(new PythonProbe(TimeProvider.System), NullLogger<KernelSpecs>.Instance).FindAsync([], []);
        Assert.Contains(specs, spec => spec.Name == "python3");
    }
}
