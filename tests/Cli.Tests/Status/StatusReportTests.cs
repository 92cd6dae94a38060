using System.Text.Json.Nodes;
using Notebook.Cli.Status;
using Notebook.Cli.Supervision;
using Notebook.Hosting.Processes;
using Xunit;

namespace Notebook.Cli.Tests.Status;

public sealed class StatusReportTests
{
    private static readonly ProcessIdentity Self = ProcessIdentity.Of(Environment.ProcessId)!;
    private static readonly ProcessIdentity Dead = Self with { StartTime = 1 };

    private static RunRecord Record(ProcessIdentity supervisor) => new(supervisor, "http://127.0.0.1:8888/", true,
    [
        new ChildRecord("silo", "silo", "http://127.0.0.1:9000/", ChildState.Up, Self),
        new ChildRecord("agent", "agent-1", "http://127.0.0.1:9001/", ChildState.Restarting, null),
    ]);

    [Fact]
    public void When_nothing_runs_every_list_is_there_and_empty()
    {
        var report = StatusReport.Of(null, null);
        foreach (var list in (string[])["processes", "servers", "kernels", "cells", "queue"]) Assert.Empty(report[list]!.AsArray());
    }

    [Fact]
    public void Processes_are_the_supervisors_and_all_else_is_the_silos()
    {
        var cluster = (JsonObject)JsonNode.Parse("""{"servers":[{"id":"agent-1"}],"kernels":[],"cells":[],"queue":[],"later":1}""")!;
        var report = StatusReport.Of(Record(Self), cluster);
        Assert.Equal(
            $$"""{"role":"silo","id":"silo","pid":{{Self.Pid}},"address":"http://127.0.0.1:9000/","state":"up"}""",
            report["processes"]![0]!.ToJsonString());
        Assert.Equal("restarting", (string?)report["processes"]![1]!["state"]);
        Assert.Equal("agent-1", (string?)report["servers"]![0]!["id"]);
        Assert.Equal(1, (int)report["later"]!);
    }

    [Fact]
    public void Of_a_supervisor_that_was_killed_only_what_still_runs_is_told() =>
        Assert.Equal("silo", (string?)Assert.Single(StatusReport.Of(Record(Dead), null)["processes"]!.AsArray())!["id"]);
}
