using Notebook.Simulator.Model;
using Orleans;

namespace Notebook.Simulator.Runs;

/// <summary>Has things go wrong in a run, at times that follow from its seed.</summary>
internal sealed class FaultInjector(SimulationRun run, FaultModel model, int seed)
{
    private readonly Random _random = new(seed);
    private bool _isOver;

    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    /// <summary>From now on until <see cref="End"/>.</summary>
    public void Begin()
    {
        if (model.IsOn) run.Cluster.Later(s_minute, NextMinute);
    }

    /// <summary>Nothing goes wrong any more.</summary>
    public void End() => _isOver = true;

    private void NextMinute()
    {
        if (_isOver) return;
        var servers = Up.Length;
        Perhaps(model.SiloCrashes, CrashSilo);
        Perhaps(model.ServerCrashes * servers, () => Crash(Draw(Up)));
        Perhaps(model.ProcessCrashes * servers, () => Draw(Up)?.KillOne(_random));
        Perhaps(model.LinkBreaks * servers, () => Draw(Up)?.Disconnect("the network broke it", TimeSpan.FromSeconds(0.1 + (4.9 * _random.NextDouble()))));
        run.Cluster.Later(s_minute, NextMinute);
    }

    /// <summary>Once within the next minute, or not at all, as the rate has it.</summary>
    private void Perhaps(double perHour, Action fault)
    {
        if (perHour > 0 && _random.NextDouble() < 1 - Math.Exp(-perHour / 60)) run.Cluster.Later(s_minute * _random.NextDouble(), fault);
    }

    /// <summary>Loses, repeats and delays one-way calls between grains.</summary>
    public IOutgoingGrainCallFilter OfCalls(TimeProvider time) => new CallFaults(this, time);

    private SimulatedServer[] Up => [.. run.Cluster.Servers.Where(s => s.IsUp)];

    private SimulatedServer? Draw(SimulatedServer[] servers) => servers.Length == 0 ? null : servers[_random.Next(servers.Length)];

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
            if (faults._isOver || !IsReport(context))
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
