using System.Collections.Immutable;
using System.Globalization;
using Notebook.Cli.Supervision;
using Notebook.Hosting;
using Notebook.Hosting.Processes;

namespace Notebook.Cli.Platform;

/// <summary>Which processes make the platform on one machine, with their command lines. No IO but the choice of ports.</summary>
internal static class PlatformPlan
{
    /// <summary>Silo, agents, gateway, in the order in which they start.</summary>
    /// <param name="installation">Where the programs are.</param>
    /// <param name="data">The data directory.</param>
    /// <param name="settings">What was asked for.</param>
    /// <param name="gpus">Which GPUs each agent has.</param>
    /// <param name="pythons">The Pythons that can run kernels, best first.</param>
    /// <param name="environment">What the children get beside this process's environment.</param>
    /// <param name="portFor">Chooses the port of a process by its id.</param>
    public static ImmutableArray<ChildSpec> Of(
        Installation installation,
        DataDirectory data,
        UpSettings settings,
        GpuShares gpus,
        ImmutableArray<string> pythons,
        ImmutableDictionary<string, string> environment,
        Func<string, int> portFor)
    {
        var silo = $"127.0.0.1:{portFor("silo")}";
        var gateway = $"127.0.0.1:{portFor("gateway")}";
        var launch = new AgentLaunch(installation.Dotnet, installation.Assembly("Agent"),
        [
            .. pythons.SelectMany(python => (string[])["--python", python]),
            .. settings.KernelSpecs.SelectMany(folder => (string[])["--kernelspecs", folder]),
            .. settings.Pool is { } pool ? (string[])["--pool", pool.ToString(CultureInfo.InvariantCulture)] : [],
            .. settings.MaxObjectsBytes is { } bytes ? (string[])["--max-objects-bytes", bytes.ToString(CultureInfo.InvariantCulture)] : [],
        ]);
        return
        [
            Child("silo", "silo", silo,
            [
                "--admin-token-file", data.TokenFile,
                .. settings.Durability is { } durability ? (string[])["--durability", durability] : [],
                .. settings.Standby is { } standby ? (string[])["--standby", standby] : [],
                .. settings.Prewarm is { } prewarm ? (string[])["--prewarm", prewarm] : [],
                .. settings.Reclaim is { } reclaim ? (string[])["--reclaim", reclaim] : [],
                .. settings.SubscriptionLimits is { } limits ? (string[])["--subscription-limits", limits] : [],
                .. settings.Kernels.Arguments,
                .. settings.Scaling.SiloOptions(settings, launch),
                .. settings.PolicyArguments,
            ]),
            .. Enumerable.Range(1, settings.Agents).Select(Agent),
            Child("gateway", "gateway", gateway, "--silo", $"ws://{silo}/", "--token-file", data.TokenFile),
        ];

        ChildSpec Agent(int number)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"agent-{number}");
            var address = $"127.0.0.1:{portFor(id)}";
            var (choice, visible) = gpus.For(number);
            return new ChildSpec(
                "agent", id, $"http://{address}/", launch.Command(data, id, address, new Uri($"http://{silo}/"), choice),
                visible is null ? environment : environment.SetItem(GpuShares.Variable, visible));
        }

        ChildSpec Child(string role, string id, string address, params ReadOnlySpan<string> more) => new(
            role,
            id,
            $"http://{address}/",
            [
                .. AgentLaunch.InOwnSession, installation.Dotnet, installation.Assembly(char.ToUpperInvariant(role[0]) + role[1..]),
                "--data", data.Root, "--listen", address,
                .. more,
            ],
            environment);
    }
}
