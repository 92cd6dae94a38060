namespace Notebook.Contracts;

/// <summary>
/// One kernel: its queue of cells, its executor, its replicas (design, sections 4 and 5). Calls go down, from cluster
/// to kernel to replica and server; reports come up, one-way, so that no two grains ever wait for each other.
/// </summary>
[Alias("notebook.IKernelGrain")]
public interface IKernelGrain : IGrainWithStringKey
{
    /// <summary>Starts the kernel on the given servers, one replica on each. Called once, by the cluster manager; again is no error.</summary>
    [Alias("Start")]
    Task Start(KernelDefinition definition, KeepingRequest keeping, ImmutableArray<ServerId> servers);

    /// <summary>Has the kernel's state kept otherwise from now on, as far as <paramref name="keeping"/> says; nothing restarts.</summary>
    /// <returns>The view after the order was given, or null when there is no such kernel.</returns>
    [Alias("Keep")]
    Task<KernelView?> Keep(KeepingRequest keeping);

    /// <summary>The kernel now; null when there is no such kernel.</summary>
    [AlwaysInterleave, Alias("View")]
    Task<KernelView?> View();

    /// <summary>Its last decisions, oldest first; empty when there is no such kernel.</summary>
    [AlwaysInterleave, Alias("Explain")]
    Task<ImmutableArray<Decision>> Explain();

    /// <summary>Puts a cell at the end of the queue, or says what became of it when it is known already.</summary>
    [Alias("Submit")]
    Task<SubmitOutcome> Submit(CellSubmission cell);

    /// <summary>From a gateway: a client used it by something else than a cell. Said at most every ten seconds.</summary>
    [OneWay, Alias("Used")]
    Task Used();

    /// <summary>Interrupts the running cell, or aborts one that waits for GPUs. Queued cells stay queued.</summary>
    /// <returns>False when there is no such kernel.</returns>
    [Alias("Interrupt")]
    Task<bool> Interrupt();

    /// <summary>Ends the processes and starts fresh ones at the same replicas, with the same kernel id; queued cells are aborted.</summary>
    /// <returns>The view after the order was given, or null when there is no such kernel.</returns>
    [Alias("Restart")]
    Task<KernelView?> Restart();

    /// <summary>Ends the kernel for good; its id is not used again.</summary>
    /// <returns>False when there is no such kernel.</returns>
    [Alias("Shutdown")]
    Task<bool> Shutdown();

    /// <summary>
    /// Tells <paramref name="observer"/> of every change from now on, for two minutes: observers subscribe again
    /// every 30 seconds, and at once after they lost their silo.
    /// </summary>
    /// <param name="observer">Who is told.</param>
    /// <param name="connections">How many clients use the kernel there at present.</param>
    /// <returns>The view now; null when there is no such kernel.</returns>
    [Alias("Subscribe")]
    Task<KernelView?> Subscribe(IKernelObserver observer, int connections);

    /// <summary>Ends a subscription.</summary>
    [Alias("Unsubscribe")]
    Task Unsubscribe(IKernelObserver observer);

    /// <summary>From the replica's grain: its phase, process or address changed.</summary>
    [OneWay, Alias("ReplicaChanged")]
    Task ReplicaChanged(ReplicaView replica);

    /// <summary>From the replica's grain: a cell ended at the replica, or the agent says after a reconnection what it runs.</summary>
    [OneWay, Alias("ExecutionReported")]
    Task ExecutionReported(ReplicaId replica, ExecutionReport report);

    /// <summary>From the cluster manager: room is kept at this server for the kernel's next cell.</summary>
    [OneWay, Alias("RoomFreed")]
    Task RoomFreed(ServerId server);

    /// <summary>From the cluster manager: another replica is to come up on <paramref name="target"/>, and then take the place of this one.</summary>
    [OneWay, Alias("Move")]
    Task Move(ReplicaId from, ServerId target, string reason);

    /// <summary>From a server's grain: its agent has a log on its disk that no replica there has open. If it is of no use any more, it goes.</summary>
    [OneWay, Alias("LogHeld")]
    Task LogHeld(ServerId server, HeldLog held);

    /// <summary>From the cluster manager: this server could take a missing replica of this kernel, or the place of a lost one.</summary>
    [OneWay, Alias("AddReplica")]
    Task AddReplica(ServerId server);
}

/// <summary>Hears of one kernel's changes. Notifications may be lost; a view's version tells which of two is newer.</summary>
[Alias("notebook.IKernelObserver")]
public interface IKernelObserver : IGrainObserver
{
    /// <summary>
    /// Replicas, executor, what a cell waits for, or life and death changed. That a cell comes, runs or ends is not said: who
    /// submitted it sees that, and others ask for the view.
    /// </summary>
    [OneWay, Alias("Changed")]
    Task Changed(KernelView view);

    /// <summary>A cell ended other than by its own reply.</summary>
    [OneWay, Alias("CellEnded")]
    Task CellEnded(KernelId kernel, CellEnding ending);

    /// <summary>
    /// The kernel's grain goes on from what it has stored, which knows neither its subscribers nor the cells that waited: whoever
    /// hears this subscribes again, and submits every cell again that has no reply yet.
    /// </summary>
    [OneWay, Alias("BeginsAnew")]
    Task BeginsAnew(KernelId kernel);
}
