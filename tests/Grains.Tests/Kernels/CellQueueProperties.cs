using FsCheck;
using FsCheck.Fluent;
using Notebook.Grains.Kernels;

namespace Notebook.Grains.Tests.Kernels;

/// <summary>The queue against a twin that is a plain list of letters, under any order of events, restarts among them.</summary>
public sealed class CellQueueProperties
{
    public sealed record Step(int Kind, int Cell);

    [Fact]
    public void A_cell_starts_at_most_once_in_the_order_of_acceptance()
    {
        var step =
            from kind in Gen.Choose(0, 9)
            from cell in Gen.Choose(0, 11)
            select new Step(kind, cell);
        Prop.ForAll(step.ArrayOf().ToArbitrary(), steps =>
        {
            Run(steps);
            return true;
        }).QuickCheckThrowOnFailure();
    }

    private static void Run(Step[] steps)
    {
        var endings = new Endings([], []);
        var queue = new CellQueue(1, null, endings);
        string? running = null;
        List<string> waiting = [];
        HashSet<string> started = [], ended = [];
        foreach (var (kind, cell) in steps)
        {
            var id = $"m{cell}";
            switch (kind)
            {
                case <= 4:
                    var outcome = queue.Submit(new CellSubmission(id, null, StopOnError: true, Started: false));
                    if (ended.Contains(id)) Assert.IsType<SubmitOutcome.Ended>(outcome);
                    else
                    {
                        if (id != running && !waiting.Contains(id)) waiting.Add(id);
                        var ahead = id == running ? 0 : waiting.IndexOf(id) + (running is null ? 0 : 1);
                        Assert.Equal(ahead, Assert.IsType<SubmitOutcome.Accepted>(outcome).Ahead);
                    }

                    break;
                case 5 or 6 when queue.Next is { } next:
                    Assert.Equal(waiting[0], next.MessageId);
                    running = waiting[0];
                    waiting.RemoveAt(0);
                    Assert.True(started.Add(running), $"{running} started twice");
                    queue.Start(new ReplicaId("k/1"), 1, null);
                    break;
                case 7 or 8 when running is not null:
                    var failed = kind == 8;
                    List<string> expected = [running, .. failed ? waiting : []];
                    Assert.Equal(expected, queue.End(CellEndKind.Completed, null, failed).Select(e => e.MessageId));
                    ended.UnionWith(expected);
                    if (failed) waiting.Clear();
                    running = null;
                    break;
                case 9:   // the silo crashes: the queue is forgotten, the running cell and the endings are not
                    endings = new Endings([], endings.All);
                    queue = new CellQueue(queue.NextExecution, queue.Running, endings);
                    waiting.Clear();
                    break;
                default:
                    break;
            }

            Assert.Equal(running, queue.Running?.MessageId);
            Assert.Equal(waiting.Count, queue.Waiting);
        }
    }
}
