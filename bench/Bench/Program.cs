using System.CommandLine;
using Notebook.Bench.CellLatency;

var root = new RootCommand("Benchmarks: each prints its figures and their ratio to the peer measured in the same run.")
{
    CellLatencyCommand.Build(),
};
return await root.Parse(args).InvokeAsync();
