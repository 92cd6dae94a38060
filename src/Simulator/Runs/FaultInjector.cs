using Notebook.Simulator.Model;
using Orleans;

namespace Notebook.Simulator.Runs;

/// <summary>Has things go wrong in a run, at times that follow from its seed.</summary>
internal sealed class FaultInjector(SimulationRun run, FaultModel model, int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>From the trace's beginning on.</summary>
    public void Begin()
    {
        if (model.SiloCrashes > 0) Repeat(() => model.SiloCrashes, CrashSilo);
        if (model.ServerCrashes > 0) Repeat(() => model.ServerCrashes * Up.Length, () => Crash(Draw(Up)));
        if (model.ProcessCrashes > 0) Repeat(() => model.ProcessCrashes * Up.Length, () => Draw(Up)?.KillOne(_random));
        if (model.LinkBreaks > 0) Repeat(() => model.LinkBreaks * Up.Length, () => Draw(Up)?.Disconnect("the network broke it", TimeSpan.FromSeconds(0.5 + (4.5 * _random.NextDouble()))));
    }

    /// <summary>Loses, repeats and delays one-way calls between grains.</summary>
    public IOutgoingGrainCallFilter OfCalls(TimeProvider time) => new CallFaults(this, time);

    private SimulatedServer[] Up => [.. run.Cluster.Servers.Where(s => s.IsUp)];

    private SimulatedServer? Draw(SimulatedServer[] servers) => servers.Length == 0 ? null : servers[_random.Next(servers.Length)];

    private void Repeat(Func<double> perHour, Action fault)
    {
        var rate = perHour();
        var hours = -Math.Log(1 - _random.NextDouble()) / (rate > 0 ? rate : 60);
        run.Cluster.Later(TimeSpan.FromHours(Math.Min(hours, 24 * 365)), () =>
        {
            if (rate > 0 && run.Recorder.Now < run.Options.Trace.Length) fault();
            if (run.Recorder.Now < run.Options.Trace.Length) Repeat(perHour, fault);
        });
    }

    private void CrashSilo()
    {
        if (run.Silo is null) return;
        run.CrashSilo();
        run.Cluster.Later(model.SiloAway, run.StartSilo);
    }

    private void Crash(SimulatedServer? server)
    {
        if (server is null) return;
        server.Crash("its machine died");
        run.Cluster.Later(model.ServerAway, () =>
        {
            if (run.IsPaid(server.Id)) server.Boot();   // else it was given back meanwhile
        });
    }

    private sealed class CallFaults(FaultInjector faults, TimeProvider time) : IOutgoingGrainCallFilter
    {
        public async Task Invoke(IOutgoingGrainCallContext context)
        {
            if (!IsReport(context))
            {
                await context.Invoke();
                return;
            }

            var (chance, model) = (faults._random.NextDouble(), faults.Model);
            if (chance < model.LostCalls) return;
            if ((chance -= model.LostCalls) < model.LateCalls) await Task.Delay(TimeSpan.FromSeconds(2 * faults._random.NextDouble()), time);
            await context.Invoke();
            if (chance >= model.LateCalls && chance - model.LateCalls < model.RepeatedCalls) await context.Invoke();
        }

        private static bool IsReport(IOutgoingGrainCallContext context) => context.InterfaceMethod.IsDefined(typeof(Orleans.Concurrency.OneWayAttribute), true);
    }

    private FaultModel Model => model;
}
