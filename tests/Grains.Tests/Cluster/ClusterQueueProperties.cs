using FsCheck;
using FsCheck.Fluent;
using Notebook.Grains.Cluster;
using Notebook.Grains.Policies;

namespace Notebook.Grains.Tests.Cluster;

/// <summary>Whatever comes, runs and ends: no more is offered or kept than there is, and the oldest cell gets its turn.</summary>
public sealed class ClusterQueueProperties
{
    private static readonly string[] s_servers = ["a", "b", "c", "d"];
    private static readonly HashSet<KernelId> s_nobody = [];

    public sealed record Arrival(int Gpus, int Server, int RunsForSeconds, int User);

    [Fact]
    public void Every_cell_runs_in_the_end_and_no_server_has_more_than_it_has()
    {
        var arrival =
            from gpus in Gen.Choose(1, 8)
            from server in Gen.Choose(0, 3)
            from seconds in Gen.Choose(1, 120)
            from user in Gen.Choose(0, 2)
            select new Arrival(gpus, server, seconds, user);
        Prop.ForAll(arrival.ArrayOf(40).ToArbitrary(), arrivals =>
        {
            Run(arrivals);
            return true;
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>A cluster in miniature, second by second: servers grant what they are asked for as their grains do, moves take three seconds.</summary>
    private static void Run(Arrival[] arrivals)
    {
        var queue = new ClusterQueue(new FairQueue(), new CheapestMove(), new Subscription(SubscriptionLimits.Default), new QueueRecord());
        var now = DateTimeOffset.UnixEpoch;
        var waiting = new Dictionary<KernelId, WaitingCell>();
        var running = new List<(KernelId Kernel, ServerId Server, int Gpus, DateTimeOffset Until)>();
        var moving = new List<(KernelId Kernel, MigrationDecision Move, DateTimeOffset Until)>();
        var ran = 0;
        for (var second = 0; ran < arrivals.Length; second++)
        {
            Assert.True(second < 40 * 121 * 2, $"{arrivals.Length - ran} cells still wait");
            now += TimeSpan.FromSeconds(1);
            running.RemoveAll(r => r.Until <= now);
            if (second < arrivals.Length)
            {
                var (gpus, server, _, user) = arrivals[second];
                var kernel = new KernelId($"k{second}");
                waiting[kernel] = new WaitingCell(kernel, 1, "m", $"u{user}", new(gpus, 0, 0, 0), [Replica(kernel, 1, s_servers[server])]) { SpecName = "python3" };
            }

            foreach (var (kernel, move, until) in moving.ToArray())
            {
                if (until > now) continue;
                moving.RemoveAll(m => m.Kernel == kernel);
                waiting[kernel] = waiting[kernel] with { Replicas = [Replica(kernel, 2, move.Target.Value)] };
                queue.MoveEnded(kernel, new(move.Replica, move.Target, true, null), now);
            }

            foreach (var cell in waiting.Values) queue.Join(cell, now);
            var board = new ServerBoard();
            foreach (var server in s_servers) board.Set(server, 8, running.Where(r => r.Server.Value == server).Sum(r => r.Gpus));
            foreach (var step in queue.Turn(board, now, 7, s_nobody))
            {
                if (step is QueueStep.Move move) moving.Add((move.Cell.Kernel, move.Decision, now + TimeSpan.FromSeconds(3)));
            }

            foreach (var place in queue.Places().Where(p => p.Reason.Contains(" kept for it on server", StringComparison.Ordinal)))
            {
                if (place.Reason.Contains("is kept for it", StringComparison.Ordinal)) continue;   // not idle yet
                var cell = waiting[place.Kernel];
                var server = cell.Replicas[0].Server;
                running.Add((place.Kernel, server, cell.Amounts.Gpus, now + TimeSpan.FromSeconds(arrivals[Number(place.Kernel)].RunsForSeconds)));
                Assert.True(running.Where(r => r.Server == server).Sum(r => r.Gpus) <= 8, $"too much on {server}");
                Assert.True(queue.Leave(place.Kernel, 1));
                waiting.Remove(place.Kernel);
                ran++;
            }
        }
    }

    private static int Number(KernelId kernel) => int.Parse(kernel.Value[1..], System.Globalization.CultureInfo.InvariantCulture);

    private static MovableReplica Replica(KernelId kernel, int number, string server) =>
        new(ReplicaId.Of(kernel, number), new(server), true, true, 0, null);
}
