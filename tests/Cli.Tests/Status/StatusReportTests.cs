using System.Text.Json.Nodes;
using Notebook.Cli.Status;
using Notebook.Cli.Supervision;
using Notebook.Hosting.Processes;
using Spectre.Console;
using Spectre.Console.Rendering;
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
    public void Servers_that_the_silo_added_are_processes_too_as_long_as_they_run()
    {
        var cluster = (JsonObject)JsonNode.Parse("""{"servers":[{"id":"scaled-1","address":"ws://127.0.0.1:9009/"}]}""")!;
        var report = StatusReport.Of(Record(Self), cluster, [new LocalServer("scaled-1", "none", Self), new LocalServer("scaled-2", "none", Dead), new LocalServer("scaled-3", "none", null)]);
        Assert.Equal(
            $$"""{"role":"agent","id":"scaled-1","pid":{{Self.Pid}},"address":"http://127.0.0.1:9009/","state":"up"}""",
            Assert.Single(report["processes"]!.AsArray().Skip(2))!.ToJsonString());
    }

    [Fact]
    public void How_the_number_of_servers_is_kept_is_shown_and_what_failed()
    {
        var report = (JsonObject)JsonNode.Parse(
            """
            {"scaling":{"policy":"notebookos","provisioner":"command","target":4,"minimum":3,"maximum":6,"last_decision":"4 are wanted",
            "on_their_way":[{"id":"scaled-1","state":"adding","failures":2}],"leaving":[],"errors":[{"server":"scaled-1","reason":"no quota"}]}}
            """)!;
        var shown = Shown(ScalingLines.Of(report));
        Assert.Contains("scaling by notebookos (command): 4 servers wanted, 3 to 6; 4 are wanted", shown, StringComparison.Ordinal);
        Assert.Contains("scaled-1: adding, 2 attempts failed", shown, StringComparison.Ordinal);
        Assert.Contains("scaled-1: no quota", shown, StringComparison.Ordinal);
        Assert.Equal("", Shown(ScalingLines.Of([])).Trim());
    }

    [Fact]
    public void A_kernel_that_waits_for_a_server_is_shown_with_what_it_waits_for()
    {
        var cluster = (JsonObject)JsonNode.Parse(
            """{"kernels":[{"id":"k","state":"starting","reason":"waiting for server a, which alone has the kernel's variables: it is down"},{"id":"l","state":"idle","reason":null}]}""")!;
        var shown = Shown(StatusScreen.Render(StatusReport.Of(null, cluster)));
        Assert.Contains("k: waiting for server a, which alone has the kernel's variables: it is down", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("l: ", shown, StringComparison.Ordinal);
    }

    private static string Shown(IRenderable what)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 200;
        console.Write(what);
        return text.ToString();
    }

    [Fact]
    public void Of_a_supervisor_that_was_killed_only_what_still_runs_is_told() =>
        Assert.Equal("silo", (string?)Assert.Single(StatusReport.Of(Record(Dead), null)["processes"]!.AsArray())!["id"]);
}
