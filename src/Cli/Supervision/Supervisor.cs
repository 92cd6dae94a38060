using System.Collections.Immutable;
using Notebook.Hosting;
using Notebook.Hosting.Processes;
using Serilog;

namespace Notebook.Cli.Supervision;

/// <summary>Keeps the platform's processes of one data directory running, and writes down what runs (<see cref="RunRecord"/>).</summary>
internal sealed class Supervisor : IAsyncDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(90);

    private readonly Lock _writing = new();
    private readonly DataDirectory _data;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly ImmutableArray<SupervisedChild> _children;
    private readonly string _gateway;
    private bool _ready;

    /// <summary>Prepares to run <paramref name="children"/>, which start in their given order.</summary>
    public Supervisor(DataDirectory data, string gateway, ImmutableArray<ChildSpec> children, ILogger log, TimeProvider time)
    {
        (_data, _gateway, _log, _time) = (data, gateway, log, time);
        _children = [.. children.Select(spec => new SupervisedChild(spec, log, time, WriteRecord))];
    }

    /// <summary>Starts all, those of one role side by side, each role when the one before it is ready.</summary>
    /// <exception cref="UserException">One of them failed to start; the others still run.</exception>
    public async Task StartAsync(CancellationToken stop)
    {
        foreach (var role in _children.GroupBy(c => c.Spec.Role))
        {
            foreach (var child in role) child.Start();
            foreach (var child in role)
            {
                try
                {
                    await child.Ready.WaitAsync(StartWithin, _time, stop);
                }
                catch (TimeoutException)
                {
                    throw new UserException(
                        $"{child.Spec.Id} was not ready after {StartWithin.TotalSeconds:0} s: 'notebook logs {child.Spec.Id}' shows what it did");
                }
            }
        }
    }

    /// <summary>Says in the record that all of it is ready.</summary>
    public void MarkReady()
    {
        _ready = true;
        WriteRecord();
    }

    /// <summary>Ends all: gateway, then agents, then silo. None is left behind.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var group in _children.GroupBy(c => EndOrder.Of(c.Spec.Role)).OrderBy(g => g.Key))
            await Task.WhenAll(group.Select(child => child.StopAsync()));
        foreach (var child in _children) child.Dispose();
    }

    private void WriteRecord()
    {
        lock (_writing)
        {
            try
            {
                new RunRecord(ProcessIdentity.Of(Environment.ProcessId)!, _gateway, _ready, [.. _children.Select(c => c.Record)])
                    .Write(_data);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A full disk, or a folder deleted under us, must not keep us from restarting and ending children.
                _log.Error("cannot write down what runs: {Reason}", e.Message);
            }
        }
    }
}
