namespace Notebook.Simulator.Results;

/// <summary>What a run counted over time.</summary>
public sealed record RunSeries
{
    /// <summary>GPUs of the servers that are paid for, from the order to start one to its end.</summary>
    public StepSeries ProvisionedGpus { get; init; } = new();

    /// <summary>GPUs leased: to cells, or to kernels that hold theirs as long as they live.</summary>
    public StepSeries LeasedGpus { get; init; } = new();

    /// <summary>GPUs that the code of cells runs on.</summary>
    public StepSeries BusyGpus { get; init; } = new();

    /// <summary>GPUs that reservation would hold, which follows from the trace alone (<see cref="Traces.Trace.Reserved"/>).</summary>
    public StepSeries ReservedGpus { get; init; } = new();

    /// <summary>GPUs promised to replicas, those of running cells included.</summary>
    public StepSeries PromisedGpus { get; init; } = new();

    /// <summary>Servers that are paid for.</summary>
    public StepSeries Servers { get; init; } = new();

    /// <summary>Sessions with a kernel.</summary>
    public StepSeries Sessions { get; init; } = new();

    /// <summary>Cells whose code runs.</summary>
    public StepSeries RunningCells { get; init; } = new();

    /// <summary>Cells that wait for GPUs.</summary>
    public StepSeries QueueLength { get; init; } = new();
}
