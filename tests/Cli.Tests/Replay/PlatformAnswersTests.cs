using System.Text.Json.Nodes;
using Notebook.Cli.Replay;
using Xunit;

namespace Notebook.Cli.Tests.Replay;

/// <summary>What a replay reads out of <c>explain</c> and <c>status</c>.</summary>
public sealed class PlatformAnswersTests
{
    private const string Decisions = """
        [
          {"kind": "placement", "execution": null, "outcome": "agent-1, agent-2"},
          {"kind": "executor", "execution": 1, "outcome": "runs at replica 2 on server agent-2 with GPUs 0, 1"},
          {"kind": "executor", "execution": 2, "outcome": "waits"},
          {"kind": "queue", "execution": 2, "outcome": "2 GPUs kept for it on server agent-3"},
          {"kind": "executor", "execution": 2, "outcome": "runs at replica 4 on server agent-3 with GPUs 5, 6"},
          {"kind": "executor", "execution": 3, "outcome": "waits"}
        ]
        """;

    [Fact]
    public void A_cell_that_ran_at_once_has_a_place() => Assert.Equal(new CellPlace("2", "agent-2", Waited: false), Place(1));

    [Fact]
    public void A_cell_that_waited_for_GPUs_is_known_to_have_waited() => Assert.Equal(new CellPlace("4", "agent-3", Waited: true), Place(2));

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_cell_of_which_it_is_not_said_where_it_ran_has_none(long execution) => Assert.Null(Place(execution));

    [Fact]
    public void Servers_that_are_down_do_not_count_and_those_that_were_asked_for_do()
    {
        var sample = ClusterSample.Of((JsonObject)JsonNode.Parse("""
            {
              "servers": [
                {"id": "a", "state": "up", "resources": {"spec": {"gpus": 8}, "committed": {"gpus": 3}, "promised": {"gpus": 9}}},
                {"id": "b", "state": "suspect", "resources": {"spec": {"gpus": 4}, "committed": {"gpus": 1}, "promised": {"gpus": 2}}},
                {"id": "c", "state": "down", "resources": {"spec": {"gpus": 16}, "committed": {"gpus": 0}, "promised": {"gpus": 0}}}
              ],
              "scaling": {"on_their_way": [{"id": "a"}, {"id": "d"}]},
              "gpu_queue": [{}],
              "kernels": [{"replicas": [{}, {}, {}]}, {"replicas": [{}]}]
            }
            """)!);
        Assert.Equal(new ClusterSample(Servers: 3, Gpus: 20, LeasedGpus: 4, PromisedGpus: 11, Queue: 1, LargestServer: 8, Replicas: 3), sample);
    }

    [Fact]
    public void A_platform_without_servers_and_scaling_has_nothing() =>
        Assert.Equal(default, ClusterSample.Of((JsonObject)JsonNode.Parse("""{"servers": [], "scaling": null}""")!));

    private static CellPlace? Place(long execution) => CellPlace.Read((JsonArray)JsonNode.Parse(Decisions)!, execution);
}
