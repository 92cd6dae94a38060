namespace Notebook.Hosting;

/// <summary>
/// The folder that holds what a machine's processes keep: <c>secrets/</c> (cluster key, tokens), <c>state/</c>
/// (databases), <c>logs/</c>, <c>run/</c> (what runs now). Nothing of the platform is written elsewhere.
/// </summary>
public sealed class DataDirectory
{
    /// <summary>Opens the folder, and makes it where it is missing.</summary>
    /// <exception cref="UserException">It cannot be written.</exception>
    public DataDirectory(string path)
    {
        Root = Path.GetFullPath(path);
        try
        {
            foreach (var folder in (string[])[Root, Secrets, State, Logs, Run]) Directory.CreateDirectory(folder);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(Secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var probe = Path.Combine(Run, $".probe-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException(
                $"cannot write to the data directory {Root}: {e.Message} Choose another with --data.", ExitCodes.DataDirectory);
        }
    }

    /// <summary>The folder itself.</summary>
    public string Root { get; }

    /// <summary>Cluster key and tokens; for its owner only.</summary>
    public string Secrets => Path.Combine(Root, "secrets");

    /// <summary>Databases.</summary>
    public string State => Path.Combine(Root, "state");

    /// <summary>One log file for each process.</summary>
    public string Logs => Path.Combine(Root, "logs");

    /// <summary>What runs now.</summary>
    public string Run => Path.Combine(Root, "run");

    /// <summary>The log of one process: named by its id, with its role before it where the id does not say it.</summary>
    public string LogFile(string role, string id) =>
        Path.Combine(Logs, id.StartsWith(role, StringComparison.Ordinal) ? $"{id}.log" : $"{role}-{id}.log");

    /// <summary>Where the cluster key is unless an option says otherwise.</summary>
    public string ClusterKeyFile => Path.Combine(Secrets, "cluster.key");

    /// <summary>Where the token for users and operators is unless an option says otherwise.</summary>
    public string TokenFile => Path.Combine(Secrets, "token");

    /// <summary>Writes a secret for its owner's eyes only, all or nothing.</summary>
    public static void WriteSecret(string path, string text)
    {
        var draft = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(draft, options)) writer.Write(text);
        File.Move(draft, path, overwrite: true);
    }
}
