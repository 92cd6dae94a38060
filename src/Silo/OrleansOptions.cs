using System.CommandLine;
using System.Net;
using Notebook.Hosting;

namespace Notebook.Silo;

/// <summary>Where a silo of the Orleans build is found by the others; the embedded build has no others.</summary>
/// <param name="ClusterId">Names the cluster in the database.</param>
/// <param name="AdvertisedAddress">Where other silos and gateways reach it; null for this machine's own address.</param>
/// <param name="SiloPort">For other silos.</param>
/// <param name="GatewayPort">For gateways.</param>
internal sealed record OrleansEndpoint(string ClusterId, IPAddress? AdvertisedAddress, int SiloPort, int GatewayPort);

/// <summary>The options behind <see cref="OrleansEndpoint"/>.</summary>
internal sealed class OrleansOptions
{
    private readonly Option<string> _clusterId = new("--cluster-id")
    {
        Description = "Name of the cluster in the database (Orleans build).",
        DefaultValueFactory = _ => "notebook",
    };

    private readonly Option<string> _advertisedIp = new("--advertised-ip")
    {
        Description = "IP address at which other silos and gateways reach this one (Orleans build; default: this machine's).",
    };

    private readonly Option<int> _siloPort = new("--silo-port")
    {
        Description = "Port for other silos (Orleans build).",
        DefaultValueFactory = _ => 11111,
    };

    private readonly Option<int> _gatewayPort = new("--gateway-port")
    {
        Description = "Port for gateways (Orleans build).",
        DefaultValueFactory = _ => 30000,
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public OrleansOptions(Command command)
    {
        foreach (var option in (Option[])[_clusterId, _advertisedIp, _siloPort, _gatewayPort]) command.Add(option);
    }

    /// <summary>What they amount to.</summary>
    /// <exception cref="UserException">The address is none.</exception>
    public OrleansEndpoint Read(ParseResult parsed)
    {
        var text = parsed.GetValue(_advertisedIp);
        IPAddress? address = null;
        if (text is not null && !IPAddress.TryParse(text, out address))
            throw new UserException($"--advertised-ip {text} is no IP address", ExitCodes.Usage);
        return new OrleansEndpoint(
            parsed.GetRequiredValue(_clusterId), address, parsed.GetRequiredValue(_siloPort), parsed.GetRequiredValue(_gatewayPort));
    }
}
