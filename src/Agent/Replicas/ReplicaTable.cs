using System.Collections.Concurrent;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>The replicas of this agent, and the silo's orders to them.</summary>
internal sealed class ReplicaTable
{
    private readonly ReplicaServices _services;
    private readonly ConcurrentDictionary<string, Replica> _replicas = new();

    public ReplicaTable(ReplicaServices services)
    {
        _services = services;
        services.Leases.Ended += (epoch, reason) => _ = Task.Run(() => EndLease(epoch, reason));   // found under a replica's lock
    }

    /// <summary>What the silo is to know of each.</summary>
    public IEnumerable<VersionedReport> Reports => _replicas.Values.Select(replica => replica.Report);

    public Replica? Find(string id) => _replicas.GetValueOrDefault(id);

    /// <summary>A peer has stored large values.</summary>
    public void ChunksConfirmed()
    {
        foreach (var replica in _replicas.Values) replica.ChunksConfirmed();
    }

    /// <summary>A peer has no room for large values.</summary>
    public void PeerShort(string server)
    {
        foreach (var replica in _replicas.Values) replica.PeerShort(server);
    }

    /// <summary>Carries out an order of the silo. Orders come one at a time, in sequence.</summary>
    public void Obey(SiloToAgent order)
    {
        switch (order.BodyCase)
        {
            case SiloToAgent.BodyOneofCase.Start:
                var isNews = _services.Peers.Set(order.Start.Replica, order.Start.Peers);
                var started = _replicas.GetOrAdd(order.Start.Replica, id => new Replica(id, order.Start.Kernel, _services));
                started.Start(order.Start);
                if (isNews) started.PeersChanged();
                break;
            case SiloToAgent.BodyOneofCase.Peers when Find(order.Peers.Replica) is { } replica:
                _services.Peers.Set(replica.Id, order.Peers.Peers);
                replica.PeersChanged();
                break;
            case SiloToAgent.BodyOneofCase.Peers:
                break;   // it was stopped meanwhile, or the order to start it brings them
            case SiloToAgent.BodyOneofCase.Stop when _replicas.TryRemove(order.Stop.Replica, out var stopped):
                _services.Peers.Remove(stopped.Id);
                stopped.Stop();
                break;
            case SiloToAgent.BodyOneofCase.Stop:
                Unknown(order.Stop.Replica, ReplicaPhase.ReplicaStopped, null);
                break;
            case SiloToAgent.BodyOneofCase.Run when Find(order.Run.Replica) is { } replica:
                replica.Run(order.Run);
                break;
            case SiloToAgent.BodyOneofCase.Run:
                var cell = new CellOrder(order.Run.MessageId, order.Run.Execution, order.Run.Epoch, []);
                Unknown(order.Run.Replica, ReplicaPhase.ReplicaLost, cell.Report(ExecutionPhase.ExecutionRefused, "this agent does not know the replica"));
                break;
            case SiloToAgent.BodyOneofCase.Recall:
                Find(order.Recall.Replica)?.Recall(order.Recall);   // else there is nobody who could know
                break;
            case SiloToAgent.BodyOneofCase.Interrupt:
                Find(order.Interrupt.Replica)?.Interrupt();
                break;
            case SiloToAgent.BodyOneofCase.Renew:
                _services.Leases.Renew(order.Renew.Epochs, _services.Time.GetUtcNow());
                break;
            case SiloToAgent.BodyOneofCase.Drop:
                _services.Logs.Drop(new(order.Drop.Replica, order.Drop.Incarnation));
                break;
            case SiloToAgent.BodyOneofCase.None:
                break;   // an order of a newer silo: it will see that nothing came of it
        }
    }

    private void EndLease(long epoch, string reason)
    {
        foreach (var replica in _replicas.Values)
        {
            if (replica.EndLease(epoch, reason)) return;
        }
    }

    private void Unknown(string replica, ReplicaPhase phase, ExecutionReport? execution) => _services.Tell(new(
        new ReplicaReport { Replica = replica, Phase = phase, Reason = "this agent does not know the replica", LastExecution = execution },
        long.MaxValue));
}
