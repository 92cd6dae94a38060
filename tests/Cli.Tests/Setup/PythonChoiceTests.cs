using System.Collections.Immutable;
using Notebook.Cli.Setup;
using Xunit;

namespace Notebook.Cli.Tests.Setup;

public sealed class PythonChoiceTests
{
    private static readonly PythonFinding Good = new("/usr/bin/python3", Runs: true, HasIpykernel: true);
    private static readonly PythonFinding Bare = new("/opt/bin/python3", Runs: true, HasIpykernel: false);
    private static readonly PythonFinding Broken = new("/gone/python", Runs: false, HasIpykernel: false);
    private static readonly MachineMeans Root = new(IsRoot: true, HasApt: true, VenvPython: "/usr/bin/python3");
    private static readonly MachineMeans User = new(IsRoot: false, HasApt: true, VenvPython: "/usr/bin/python3");
    private static readonly MachineMeans Poor = new(IsRoot: false, HasApt: true, VenvPython: null);

    [Fact]
    public void What_the_user_named_is_used_in_that_order()
    {
        var decision = PythonChoice.Decide([Good, Good with { Path = "/me/python" }], [], Root);
        Assert.Equal(["/usr/bin/python3", "/me/python"], Assert.IsType<PythonDecision.Use>(decision).Interpreters.ToArray());
    }

    [Fact]
    public void A_named_one_without_ipykernel_is_refused_and_never_replaced()
    {
        var decision = PythonChoice.Decide([Good, Bare], [Good], Root);
        Assert.Contains("/opt/bin/python3 -m pip install ipykernel", Assert.IsType<PythonDecision.Refuse>(decision).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_one_that_cannot_be_run_is_refused_by_name()
    {
        var decision = PythonChoice.Decide([Broken], [Good], Root);
        Assert.Contains("/gone/python", Assert.IsType<PythonDecision.Refuse>(decision).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_found_that_has_ipykernel_is_taken() =>
        Assert.Equal([Good.Path], Assert.IsType<PythonDecision.Use>(PythonChoice.Decide([], [Bare, Broken, Good], Root)).Interpreters.ToArray());

    [Fact]
    public void Root_on_Debian_installs() => Assert.IsType<PythonDecision.InstallFromDebian>(PythonChoice.Decide([], [Bare], Root));

    [Fact]
    public void A_user_gets_a_virtual_environment() =>
        Assert.Equal(new PythonDecision.MakeVenv("/usr/bin/python3"), PythonChoice.Decide([], [Bare], User));

    [Fact]
    public void Where_nothing_can_be_done_it_says_exactly_what_to_install()
    {
        var reason = Assert.IsType<PythonDecision.Refuse>(PythonChoice.Decide([], ImmutableArray<PythonFinding>.Empty, Poor)).Reason;
        Assert.Contains("apt-get install python3-ipykernel libzmq5", reason, StringComparison.Ordinal);
    }
}
