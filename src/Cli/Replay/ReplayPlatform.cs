using System.Text.Json.Nodes;
using Notebook.Cli.Platform;
using Notebook.Cli.Supervision;
using Notebook.Hosting;

namespace Notebook.Cli.Replay;

/// <summary>The platform that a trace is replayed on.</summary>
/// <param name="Gateway">Where kernels are started.</param>
/// <param name="Silo">Where the state of servers and kernels is asked for.</param>
/// <param name="Token">The token of both.</param>
internal sealed record ReplayPlatform(Uri Gateway, Uri Silo, string Token)
{
    /// <summary>The one that runs for a data directory.</summary>
    /// <exception cref="UserException">None runs.</exception>
    public static ReplayPlatform Find(DataDirectory? data, string path)
    {
        var (gateway, token) = RunningGateway.Find(data, path);
        return RunRecord.Read(data!)?.Processes.FirstOrDefault(process => process.Role == "silo") is { Process.IsAlive: true } silo
            ? new ReplayPlatform(gateway, new Uri(silo.Address), token)
            : throw new UserException($"no silo runs with the data directory {path}: 'notebook up' starts one");
    }

    /// <summary>Asks for servers and kernels, and refuses a trace for which no server is large enough.</summary>
    /// <param name="gpus">The most GPUs that a cell of the trace needs.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="UserException">It gives no answer, or has no such server.</exception>
    public async Task<JsonObject> CheckAsync(int gpus, CancellationToken cancel)
    {
        using var admin = new AdminClient(Silo, Token);
        var status = await admin.ClusterAsync(cancel) ?? throw new UserException($"the silo at {Silo} does not answer ('notebook status' shows what runs)");
        var largest = ClusterSample.Of(status).LargestServer;
        if (largest < gpus)
            throw new UserException(FormattableString.Invariant($"the trace has cells of {gpus} GPUs, and the platform's largest server {largest}: start it with --gpus simulated:{gpus} or more"), ExitCodes.Usage);
        return status;
    }
}
