using System.CommandLine;
using Notebook.Bench.CellLatency;
#if !ORLEANS_HOST
using Notebook.Bench.GrainCalls;
#endif
using Notebook.Bench.Jupyter;
using Notebook.Bench.Replication;
using Notebook.Bench.Scheduling;
#if !ORLEANS_HOST
using Notebook.Bench.Simulation;
#endif

var root = new RootCommand("Benchmarks: each prints its figures and their ratio to the peer measured in the same run.")
{
    CellLatencyCommand.Build(),
    JupyterCommand.Build(),
    ReplicationCommand.Build(),
    SchedulingCommand.Build(),
#if !ORLEANS_HOST
    GrainCallsCommand.Build(),
    SimulatorCommand.Build(),
#endif
};
return await root.Parse(args).InvokeAsync();
