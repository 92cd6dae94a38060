using System.CommandLine;
using Notebook.Links;

namespace Notebook.Hosting;

/// <summary>The options that silo, gateway and agent have in common, and what they amount to.</summary>
public sealed class ProcessOptions
{
    private readonly Option<string> _data = new("--data")
    {
        Description = "Folder for state, logs and secrets.",
        DefaultValueFactory = _ => ".notebook",
    };

    private readonly Option<string> _keyFile = new("--cluster-key-file")
    {
        Description = "File with the key that all processes of the cluster share (default: DATA/secrets/cluster.key).",
    };

    private readonly Option<string> _listen;
    private readonly Option<string> _id;

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Log more, to standard error too." };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    /// <param name="command">The process's command.</param>
    /// <param name="role">Its role, and its default id.</param>
    /// <param name="listen">Its default listening address, <c>HOST:PORT</c>.</param>
    public ProcessOptions(Command command, string role, string listen)
    {
        Role = role;
        _listen = new("--listen") { Description = "HOST:PORT to listen on; port 0 takes a free one.", DefaultValueFactory = _ => listen };
        _id = new("--id") { Description = "Name of this process in the cluster.", DefaultValueFactory = _ => role };
        foreach (var option in (Option[])[_data, _keyFile, _listen, _id, _verbose]) command.Add(option);
    }

    /// <summary><c>silo</c>, <c>gateway</c> or <c>agent</c>.</summary>
    public string Role { get; }

    /// <summary>Reads the options; opens the data directory and the key.</summary>
    /// <exception cref="UserException">The data directory or the address cannot be used.</exception>
    /// <exception cref="LinkException">The key cannot be used.</exception>
    public ProcessSettings Read(ParseResult parsed)
    {
        var data = new DataDirectory(parsed.GetRequiredValue(_data));
        var listen = parsed.GetRequiredValue(_listen);
        if (!Uri.TryCreate($"http://{listen}/", UriKind.Absolute, out var address) || address.PathAndQuery != "/")
            throw new UserException($"--listen {listen} is no HOST:PORT", ExitCodes.Usage);
        return new ProcessSettings(
            new PeerIdentity(Role, parsed.GetRequiredValue(_id)),
            data,
            ClusterKey.FromFile(parsed.GetValue(_keyFile) ?? data.ClusterKeyFile),
            address,
            parsed.GetValue(_verbose));
    }
}

/// <summary>What every process of the platform is set up with.</summary>
/// <param name="Self">Its role and id.</param>
/// <param name="Data">Its data directory.</param>
/// <param name="Key">The cluster key.</param>
/// <param name="Listen">Where it listens; port 0 means a free one.</param>
/// <param name="Verbose">Whether to log more.</param>
public sealed record ProcessSettings(PeerIdentity Self, DataDirectory Data, ClusterKey Key, Uri Listen, bool Verbose);
