using System.Collections.Immutable;

namespace Notebook.Hosting.Processes;

/// <summary>How an agent is started on this machine, by whomever: <c>notebook up</c>, or a silo that needs more servers.</summary>
/// <param name="Dotnet">The program that runs built assemblies.</param>
/// <param name="Assembly">The agent's assembly.</param>
/// <param name="Options">What all agents of this machine are told beside the following, such as their Pythons.</param>
public sealed record AgentLaunch(string Dotnet, string Assembly, ImmutableArray<string> Options)
{
    private const string NewSession = "/usr/bin/setsid";

    /// <summary>In a session of its own, so that a Ctrl-C reaches the one who started it alone, which ends all in order.</summary>
    public static ImmutableArray<string> InOwnSession => File.Exists(NewSession) ? [NewSession] : [];

    /// <summary>The command line of one agent.</summary>
    /// <param name="data">The data directory.</param>
    /// <param name="id">The server's id.</param>
    /// <param name="listen">Where it listens, <c>HOST:PORT</c>; port 0 takes a free one.</param>
    /// <param name="silo">Where the silo listens.</param>
    /// <param name="gpus">Its GPUs.</param>
    public ImmutableArray<string> Command(DataDirectory data, string id, string listen, Uri silo, string gpus) =>
    [
        .. InOwnSession, Dotnet, Assembly, "--data", data.Root, "--listen", listen, "--id", id,
        .. listen.EndsWith(":0", StringComparison.Ordinal) ? (string[])[] : ["--advertise", $"ws://{listen}/"],
        "--silo", $"{new UriBuilder(silo) { Scheme = "ws" }.Uri}", "--gpus", gpus,
        .. Options,
    ];
}
