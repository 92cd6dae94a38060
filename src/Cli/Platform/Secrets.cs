using System.Security.Cryptography;
using Notebook.Hosting;
using Notebook.Links;

namespace Notebook.Cli.Platform;

/// <summary>The secrets of a data directory: made once, kept over runs, read by their owner only.</summary>
internal static class Secrets
{
    /// <summary>Makes what is missing, and sets the token where one is given.</summary>
    public static void Prepare(DataDirectory data, string? token)
    {
        if (!File.Exists(data.ClusterKeyFile)) DataDirectory.WriteSecret(data.ClusterKeyFile, ClusterKey.NewText());
        if (token is not null) DataDirectory.WriteSecret(data.TokenFile, token);
        else if (!File.Exists(data.TokenFile)) DataDirectory.WriteSecret(data.TokenFile, RandomNumberGenerator.GetHexString(48, lowercase: true));
    }

    /// <summary>The token for users and operators.</summary>
    public static string Token(DataDirectory data) => ReadToken(data.TokenFile);

    /// <summary>Reads a token from a file.</summary>
    public static string ReadToken(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot read the token file {file}: {e.Message}");
        }
    }
}
