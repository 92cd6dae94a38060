namespace Notebook.Contracts;

/// <summary>A cell that found no room at its kernel's servers.</summary>
/// <param name="Kernel">Its kernel.</param>
/// <param name="Execution">Its number in the kernel.</param>
/// <param name="MessageId">Its request: what it is known by over a crash of the kernel's grain, when it gets another number.</param>
/// <param name="User">Whose kernel it is.</param>
/// <param name="Amounts">What it asks for.</param>
/// <param name="Replicas">The kernel's replicas, as far as they could run it or could be moved.</param>
[GenerateSerializer, Immutable, Alias("notebook.waiting-cell")]
public sealed record WaitingCell(
    [property: Id(0)] KernelId Kernel,
    [property: Id(1)] long Execution,
    [property: Id(2)] string MessageId,
    [property: Id(3)] string User,
    [property: Id(4)] ResourceAmounts Amounts,
    [property: Id(5)] ImmutableArray<MovableReplica> Replicas)
{
    /// <summary>The kernelspec that a server has to offer to take one of its replicas.</summary>
    [Id(6)]
    public string SpecName { get; init; } = "";
}

/// <summary>A replica of a kernel, as far as it matters where it is.</summary>
/// <param name="Replica">Which.</param>
/// <param name="Server">Its server.</param>
/// <param name="IsExecutor">Whether it ran the last cell.</param>
/// <param name="IsReady">Whether it could run a cell.</param>
/// <param name="StateBytes">Bytes of state that another server would have to fetch in its place; 0 while unknown.</param>
/// <param name="Pinned">Why it must stay, such as a value that cannot be copied; null when it may move.</param>
[GenerateSerializer, Immutable, Alias("notebook.movable-replica")]
public sealed record MovableReplica(
    [property: Id(0)] ReplicaId Replica,
    [property: Id(1)] ServerId Server,
    [property: Id(2)] bool IsExecutor,
    [property: Id(3)] bool IsReady,
    [property: Id(4)] long StateBytes,
    [property: Id(5)] string? Pinned);

/// <summary>What became of a wish to wait.</summary>
[GenerateSerializer, Immutable, Alias("notebook.wait-outcome")]
public abstract record WaitOutcome
{
    /// <summary>It waits.</summary>
    /// <param name="Reason">Its place, what it waits for and what is done about it, for the user.</param>
    [GenerateSerializer, Immutable, Alias("notebook.wait-outcome.queued")]
    public sealed record Queued([property: Id(0)] string Reason) : WaitOutcome;

    /// <summary>Room is kept for it: ask this server for the lease.</summary>
    /// <param name="Server">Which.</param>
    [GenerateSerializer, Immutable, Alias("notebook.wait-outcome.room")]
    public sealed record Room([property: Id(0)] ServerId Server) : WaitOutcome;

    /// <summary>It does not wait: no server could ever run it, or too many wait already.</summary>
    /// <param name="Reason">What was asked, what was found, what to do.</param>
    [GenerateSerializer, Immutable, Alias("notebook.wait-outcome.refused")]
    public sealed record Refused([property: Id(0)] string Reason) : WaitOutcome;
}

/// <summary>A place in the cluster's queue, for operators.</summary>
/// <param name="Kernel">Whose cell waits.</param>
/// <param name="Execution">The cell's number in the kernel.</param>
/// <param name="User">Whose kernel it is.</param>
/// <param name="Amounts">What it asks for.</param>
/// <param name="Place">1 for the next.</param>
/// <param name="Since">When it came.</param>
/// <param name="Reason">What it waits for.</param>
[GenerateSerializer, Immutable, Alias("notebook.queue-place")]
public sealed record QueuePlace(
    [property: Id(0)] KernelId Kernel,
    [property: Id(1)] long Execution,
    [property: Id(2)] string User,
    [property: Id(3)] ResourceAmounts Amounts,
    [property: Id(4)] int Place,
    [property: Id(5)] DateTimeOffset Since,
    [property: Id(6)] string Reason);

/// <summary>How the move of a replica came to its end.</summary>
/// <param name="From">The replica that was to go.</param>
/// <param name="Target">The server where another was to come.</param>
/// <param name="Done">Whether it did; else everything is as before.</param>
/// <param name="Reason">Why not; null when it did.</param>
[GenerateSerializer, Immutable, Alias("notebook.move-ending")]
public sealed record MoveEnding(
    [property: Id(0)] ReplicaId From, [property: Id(1)] ServerId Target, [property: Id(2)] bool Done, [property: Id(3)] string? Reason);

/// <summary>The move of a replica under way.</summary>
/// <param name="From">The replica that is to go.</param>
/// <param name="Target">The server where another comes.</param>
/// <param name="Since">When it was decided.</param>
/// <param name="Reason">Why.</param>
[GenerateSerializer, Immutable, Alias("notebook.move-view")]
public sealed record MoveView(
    [property: Id(0)] ReplicaId From,
    [property: Id(1)] ServerId Target,
    [property: Id(2)] DateTimeOffset Since,
    [property: Id(3)] string Reason);

/// <summary>A server that is to be empty, or is used again.</summary>
/// <param name="Server">Which.</param>
/// <param name="Draining">Whether it is being emptied.</param>
/// <param name="Replicas">How many replicas are still placed on it.</param>
/// <param name="Reason">What keeps the rest there; null when it is empty, or nothing does.</param>
[GenerateSerializer, Immutable, Alias("notebook.drain-view")]
public sealed record DrainView(
    [property: Id(0)] ServerId Server, [property: Id(1)] bool Draining, [property: Id(2)] int Replicas, [property: Id(3)] string? Reason);
