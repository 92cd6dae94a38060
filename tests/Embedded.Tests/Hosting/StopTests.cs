using Notebook.Embedded.Tests.Contract;
using Notebook.Embedded.Tests.Grains;
using Notebook.TestKit;
using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Hosting;

public sealed class StopTests
{
    [Fact]
    public async Task Stopping_ends_every_grain_and_takes_no_more_calls()
    {
        var host = new HostFixture();
        await host.InitializeAsync();
        var grain = host.Grain<IProbeGrain>();
        await grain.Echo("x");
        await host.DisposeAsync();
        await Signals.Raised($"deactivated:{grain.GetPrimaryKeyString()}:{DeactivationReasonCode.ShuttingDown}").Within("OnDeactivateAsync");
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Echo("too late").Within("the refusal"));
    }
}
