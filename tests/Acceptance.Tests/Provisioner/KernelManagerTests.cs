using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Provisioner;

/// <summary>Stock jupyter_client, whose kernels are the platform's by our provisioner.</summary>
public class KernelManagerTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    [Fact]
    public async Task Starts_runs_interrupts_restarts_and_ends_a_kernel()
    {
        using var kernelspec = await InstalledKernelspec.InstallAsync(Platform, "--env", "GREETING=hello");
        await using var kernel = ManagedKernel.Of(kernelspec);
        var connection = await kernel.DoAsync("start");
        var id = (await kernel.DoAsync("kernel_id"))!.GetValue<string>();

        Assert.Equal(200, (await Api.SendAsync(HttpMethod.Get, $"api/kernels/{id}")).Status);
        Assert.Equal($"hello {Built.Root}\n", await kernel.RunAsync("import os; x = 1; print(os.environ['GREETING'], os.getcwd())"));
        Assert.Equal("""["KeyboardInterrupt"]""", (await kernel.DoAsync("run_and_interrupt", "print('asleep', flush=True)\nimport time; time.sleep(100)"))!.ToJsonString());

        foreach (var now in (bool[])[false, true])
        {
            var again = await kernel.DoAsync("restart", now);
            Assert.Equal(connection!.ToJsonString(), again!.ToJsonString());
            Assert.Equal("False\n", await kernel.RunAsync("print('x' in globals()); x = 1"));
        }

        Assert.False((await kernel.DoAsync("shut_down"))!.GetValue<bool>());
        Assert.Equal(404, (await Api.SendAsync(HttpMethod.Get, $"api/kernels/{id}")).Status);
    }

    [Fact]
    public async Task A_platform_that_fails_over_is_no_dead_kernel_and_one_that_has_ended_is()
    {
        using var kernelspec = await InstalledKernelspec.InstallAsync(Platform);
        await using var kernel = ManagedKernel.Of(kernelspec);
        await kernel.DoAsync("start");
        var id = (await kernel.DoAsync("kernel_id"))!.GetValue<string>();
        await kernel.RunAsync("kept = 'still here'");

        foreach (var role in (string[])["silo", "gateway"])
        {
            Processes.KillNine((await Platform.StatusAsync()).Process(role).Pid);
            Assert.True((await kernel.DoAsync("is_alive"))!.GetValue<bool>(), $"the kernel counts as dead without its {role}");
            Assert.Equal("still here\n", await kernel.RunAsync("print(kept)"));
            await Platform.WholeAsync();
        }

        await Api.DeleteKernelAsync(id);
        Assert.False((await kernel.DoAsync("is_alive"))!.GetValue<bool>());

        // As jupyter_client's own restarter does it then.
        await kernel.DoAsync("restart", true);
        Assert.Equal("False\n", await kernel.RunAsync("print('kept' in globals())"));
        await kernel.DoAsync("shut_down");
    }

    [Fact]
    public async Task Says_what_to_do_when_no_platform_runs()
    {
        using var nothing = new TemporaryDirectory();
        using var kernelspec = await InstalledKernelspec.InstallAsync(nothing.Path);
        await using var kernel = ManagedKernel.Of(kernelspec);

        var (started, told) = await kernel.TryAsync("start");

        Assert.False(started);
        Assert.Contains($"start the platform with './notebook up --detach --data {nothing.Path}'", told!.GetValue<string>(), StringComparison.Ordinal);
    }
}
