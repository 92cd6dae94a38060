using System.Text.Json.Nodes;

namespace Notebook.Cli.Replay;

/// <summary>What the platform's status says of its GPUs at one moment.</summary>
/// <param name="Servers">Servers that are there, and those that were asked for.</param>
/// <param name="Gpus">Their GPUs.</param>
/// <param name="LeasedGpus">Those that cells or kernels hold.</param>
/// <param name="PromisedGpus">Those promised to replicas.</param>
/// <param name="Queue">Cells that wait for GPUs.</param>
/// <param name="LargestServer">The most GPUs of one server.</param>
/// <param name="Replicas">The most replicas of a kernel.</param>
internal readonly record struct ClusterSample(int Servers, int Gpus, int LeasedGpus, int PromisedGpus, int Queue, int LargestServer, int Replicas)
{
    /// <summary>Reads it. A server that was asked for counts with the GPUs of the largest that is there.</summary>
    public static ClusterSample Of(JsonObject status)
    {
        var servers = List(status["servers"]).Where(server => (string?)server["state"] != "down").ToList();
        var largest = servers.Select(server => Amount(server, "spec")).DefaultIfEmpty(0).Max();
        var arriving = List(status["scaling"]?["on_their_way"]).Count(one => servers.All(server => (string?)server["id"] != (string?)one["id"]));
        return new ClusterSample(
            servers.Count + arriving,
            servers.Sum(server => Amount(server, "spec")) + (arriving * largest),
            servers.Sum(server => Amount(server, "committed")),
            servers.Sum(server => Amount(server, "promised")),
            List(status["gpu_queue"]).Count(),
            largest,
            List(status["kernels"]).Select(kernel => List(kernel["replicas"]).Count()).DefaultIfEmpty(0).Max());
    }

    private static int Amount(JsonNode server, string which) => (int?)server["resources"]?[which]?["gpus"] ?? 0;

    private static IEnumerable<JsonNode> List(JsonNode? node) => (node as JsonArray ?? []).OfType<JsonNode>();
}
