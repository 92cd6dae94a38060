using FsCheck;
using FsCheck.Fluent;
using Notebook.Contracts.Provisioning;
using Notebook.Grains.Scaling;

namespace Notebook.Grains.Tests.Scaling;

/// <summary>Whatever provisioners, agents and crashes do, in any order.</summary>
public sealed class FleetProperties
{
    private const int Maximum = 4;
    private static readonly ScalingSettings s_settings = new() { Maximum = Maximum };

    public sealed record Step(int Kind, int Which, bool Well);

    [Fact]
    public void Never_more_than_the_maximum_one_operation_for_each_server_and_no_server_that_may_hold_state_is_taken_away()
    {
        var step =
            from kind in Gen.Choose(0, 6)
            from which in Gen.Choose(0, Maximum - 1)
            from well in Gen.Choose(0, 1)
            select new Step(kind, which, well == 1);
        Prop.ForAll(step.ArrayOf().ToArbitrary(), steps =>
        {
            new Run().Through(steps);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private sealed class Run
    {
        private readonly Dictionary<ServerId, ServerFacts> _facts = [];
        private readonly Dictionary<ServerId, long> _running = [];
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private Fleet _fleet = new(new FleetRecord(), s_settings);
        private long _last;

        public void Through(Step[] steps)
        {
            foreach (var step in steps)
            {
                var before = _fleet.Servers;
                Take(step);
                Look();
                foreach (var server in _fleet.Servers.Except(before).Where(s => s is { HasBeenUp: true, Phase: OwnServerPhase.Removing }))
                {
                    if (before.Any(b => b.Server == server.Server && b.Phase == OwnServerPhase.Removing)) continue;
                    Assert.True(Facts(server.Server) is { IsKnown: true, IsEmpty: true }, $"{server.Server} may hold state, and is taken away");
                }

                Assert.True(_fleet.Servers.Length <= Maximum);
                Assert.Equal(_fleet.Servers.Length, _fleet.Servers.Select(s => s.Server).Distinct().Count());
            }

            Heal();
        }

        private void Take(Step step)
        {
            var server = new ServerId($"scaled-{step.Which + 1}");
            switch (step.Kind)
            {
                case 0:
                    _fleet.Grow(step.Which + 1, 0, _ => false, _now);
                    break;
                case 1:
                    _fleet.Shrink([server], _now);
                    break;
                case 2:
                    End(server, step.Well);
                    break;
                case 3:   // its agent comes or goes
                    if (_fleet.Find(server) is not null) _facts[server] = Facts(server) with { IsKnown = true, IsUp = step.Well };
                    break;
                case 4:   // replicas come or go
                    if (Facts(server).IsKnown) _facts[server] = Facts(server) with { IsEmpty = step.Well };
                    break;
                case 5:
                    _fleet = new Fleet(_fleet.Record, s_settings);
                    _running.Clear();
                    break;
                default:
                    _now += TimeSpan.FromSeconds(step.Well ? 10 : 200);
                    break;
            }
        }

        private void Look()
        {
            _fleet.Judge(Facts, _now);
            foreach (var due in _fleet.Due(Facts, _now))
            {
                if (due is FleetStep.Drain(var drained))
                {
                    _facts[drained] = Facts(drained) with { IsDraining = true };
                    continue;
                }

                var (server, operation, _) = Assert.IsType<FleetStep.Operate>(due);
                Assert.True(operation > _last, "a number was used twice");
                _last = operation;
                _running[server] = operation;   // the one of before has failed by then, or was forgotten by a crash
            }
        }

        private void End(ServerId server, bool well)
        {
            if (!_running.Remove(server, out var operation)) return;
            if (_fleet.Ended(server, operation, well ? new ProvisionOutcome.Done() : new ProvisionOutcome.Failed("no"), _now)) _facts.Remove(server);
        }

        /// <summary>Everything works from now on: every server comes, or goes.</summary>
        private void Heal()
        {
            for (var round = 0; round < 100; round++)
            {
                _now += TimeSpan.FromSeconds(60);
                Look();
                foreach (var server in _fleet.Servers)
                {
                    End(server.Server, well: true);
                    if (server.IsOnItsWay) _facts[server.Server] = new(true, IsUp: true, false, IsEmpty: true);
                    else if (server.IsLeaving) _facts[server.Server] = Facts(server.Server) with { IsKnown = true, IsEmpty = true };
                }
            }

            Assert.All(_fleet.Servers, s => Assert.Equal(OwnServerPhase.Up, s.Phase));
        }

        private ServerFacts Facts(ServerId server) => _facts.GetValueOrDefault(server);
    }
}
