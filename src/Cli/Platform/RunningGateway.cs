using Notebook.Cli.Supervision;
using Notebook.Hosting;

namespace Notebook.Cli.Platform;

/// <summary>Finds the gateway that runs for a data directory.</summary>
internal static class RunningGateway
{
    /// <summary>Its address and token.</summary>
    /// <exception cref="UserException">None runs.</exception>
    public static (Uri Address, string Token) Find(DataDirectory? data, string path) =>
        TryFind(data) ?? throw new UserException($"nothing runs with the data directory {path}: start it with 'notebook up --detach'");

    /// <summary>Its address and token; null when none runs.</summary>
    public static (Uri Address, string Token)? TryFind(DataDirectory? data) =>
        data is not null && RunRecord.Read(data) is { IsSupervised: true, Ready: true } record ? (new Uri(record.Gateway), Secrets.Token(data)) : null;
}
