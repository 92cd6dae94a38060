using System.Net;
using System.Net.Sockets;
using Notebook.Cli.Supervision;
using Xunit;

namespace Notebook.Cli.Tests.Supervision;

public sealed class PortsTests : IDisposable
{
    private readonly TemporaryData _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_process_keeps_its_port_over_runs_and_no_two_share_one()
    {
        var ports = new Ports(_temporary.Data);
        var chosen = (string[])["silo", "agent-1", "agent-2"];
        var first = chosen.Select(ports.For).ToList();
        Assert.Equal(3, first.Distinct().Count());
        Assert.Equal(first, chosen.Select(new Ports(_temporary.Data).For));
    }

    [Fact]
    public void A_port_that_another_program_took_is_left_to_it()
    {
        var before = new Ports(_temporary.Data).For("silo");
        using var other = new TcpListener(IPAddress.Loopback, before);
        other.Start();
        Assert.False(Ports.IsFree(before));
        Assert.NotEqual(before, new Ports(_temporary.Data).For("silo"));
    }
}
