using Notebook.Embedded.Hosting;

namespace Notebook.Embedded.Tests.Hosting;

public sealed class CallGateTests
{
    private readonly CallGate _gate = Opened(new(capacity: 3, reentrant: false, mayInterleave: null));

    [Fact]
    public void Before_it_is_open_everything_waits()
    {
        var gate = new CallGate(capacity: 3, reentrant: true, mayInterleave: null);
        var request = new Ask(aside: true);
        Assert.Equal(Admission.Wait, gate.Offer(request));
        Assert.False(gate.TryNext(out _));
        gate.Open();
        Assert.True(gate.TryNext(out var next));
        Assert.Same(request, next);
    }

    [Fact]
    public void One_runs_and_the_next_waits_for_its_end()
    {
        var (first, second) = (new Ask(), new Ask());
        Assert.Equal(Admission.Run, _gate.Offer(first));
        Assert.Equal(Admission.Wait, _gate.Offer(second));
        Assert.False(_gate.TryNext(out _));
        _gate.Ended(first);
        Assert.True(_gate.TryNext(out var next));
        Assert.Same(second, next);
    }

    [Fact]
    public void Too_many_are_refused()
    {
        _gate.Offer(new Ask());
        for (var i = 0; i < 3; i++) Assert.Equal(Admission.Wait, _gate.Offer(new Ask()));
        Assert.Equal(Admission.Full, _gate.Offer(new Ask()));
        Assert.Equal(Admission.Run, _gate.Offer(new Ask(aside: true)));
    }

    [Fact]
    public void Readers_run_together_but_not_past_a_waiting_writer()
    {
        Assert.Equal(Admission.Run, _gate.Offer(new Ask(reads: true)));
        Assert.Equal(Admission.Run, _gate.Offer(new Ask(reads: true)));
        Assert.Equal(Admission.Wait, _gate.Offer(new Ask()));
        Assert.Equal(Admission.Wait, _gate.Offer(new Ask(reads: true)));
        Assert.False(_gate.TryNext(out _));
    }

    [Fact]
    public void A_writer_waits_for_every_reader()
    {
        var (one, two, writer) = (new Ask(reads: true), new Ask(reads: true), new Ask());
        _gate.Offer(one);
        _gate.Offer(two);
        _gate.Offer(writer);
        _gate.Ended(one);
        Assert.False(_gate.TryNext(out _));
        _gate.Ended(two);
        Assert.True(_gate.TryNext(out var next));
        Assert.Same(writer, next);
    }

    [Fact]
    public void Asides_block_nobody()
    {
        Assert.Equal(Admission.Run, _gate.Offer(new Ask(aside: true)));
        Assert.Equal(Admission.Run, _gate.Offer(new Ask()));
        Assert.Equal(Admission.Run, _gate.Offer(new Ask(aside: true)));
    }

    [Fact]
    public void Asides_that_waited_for_the_opening_go_before_what_is_blocked()
    {
        var gate = new CallGate(capacity: 10, reentrant: false, mayInterleave: null);
        Ask[] asks = [new(), new(), new(aside: true)];
        foreach (var ask in asks) gate.Offer(ask);
        gate.Open();
        Assert.True(gate.TryNext(out var first));
        Assert.True(gate.TryNext(out var second));
        Assert.False(gate.TryNext(out _));
        Assert.Equal(new Request[] { asks[0], asks[2] }, [first, second]);
    }

    [Fact]
    public void A_chain_enters_until_it_is_left()
    {
        var chain = Guid.NewGuid();
        _gate.Offer(new Ask());
        _gate.EnterChain(chain);
        _gate.EnterChain(chain);
        _gate.LeaveChain(chain);
        Assert.Equal(Admission.Run, _gate.Offer(new Ask(chain: chain)));
        _gate.LeaveChain(chain);
        Assert.Equal(Admission.Wait, _gate.Offer(new Ask(chain: chain)));
    }

    [Fact]
    public void The_predicate_lets_requests_in_and_past()
    {
        var friendly = new Ask();
        var gate = Opened(new(capacity: 3, reentrant: false, mayInterleave: r => ReferenceEquals(r, friendly)));
        gate.Offer(new Ask());
        Assert.Equal(Admission.Run, gate.Offer(friendly));
        Assert.Equal(Admission.Wait, gate.Offer(new Ask()));
    }

    [Fact]
    public void A_closed_gate_drains_in_order()
    {
        var running = new Ask();
        Ask[] waiting = [new(), new()];
        _gate.Offer(running);
        foreach (var ask in waiting) _gate.Offer(ask);
        _gate.Close();
        _gate.Ended(running);
        Assert.False(_gate.TryNext(out _));
        Assert.Equal(waiting, _gate.Drain());
        Assert.Equal(0, _gate.Waiting);
    }

    [Fact]
    public void Once_it_is_closed_what_the_running_one_may_wait_for_still_runs()
    {
        var (running, aside) = (new Ask(), new Ask(aside: true));
        _gate.Offer(running);
        _gate.Close();
        Assert.Equal(Admission.Run, _gate.Offer(aside));
        Assert.Equal(Admission.Wait, _gate.Offer(new Ask(reads: true)));
        _gate.Ended(running);
        Assert.Equal(Admission.Wait, _gate.Offer(new Ask(aside: true)));   // else those who only look would keep it for ever
        _gate.Ended(aside);
        Assert.Equal(0, _gate.Running);
    }

    /// <summary>Against a naive twin: at no moment may two requests run that must not mix.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_runs_together_may_run_together(int seed)
    {
        var random = new Random(seed);
        var running = new List<Ask>();
        var offered = 0;
        for (var step = 0; step < 20_000; step++)
        {
            if (random.Next(2) == 0)
            {
                var ask = new Ask(aside: random.Next(5) == 0, reads: random.Next(2) == 0);
                var admission = _gate.Offer(ask);
                if (admission == Admission.Run) running.Add(ask);
                if (admission != Admission.Full) offered++;
            }
            else if (running.Count > 0)
            {
                var ended = running[random.Next(running.Count)];
                running.Remove(ended);
                offered--;
                _gate.Ended(ended);
                while (_gate.TryNext(out var next)) running.Add((Ask)next);
            }

            var blocking = running.Where(r => !r.AlwaysInterleaves).ToArray();
            Assert.True(blocking.Length <= 1 || blocking.All(b => b.ReadsOnly), $"seed {seed}, step {step}");
            Assert.Equal(offered, running.Count + _gate.Waiting);
            Assert.True(_gate.Waiting == 0 || blocking.Length > 0, $"seed {seed}, step {step}: something waits for nothing");
        }
    }

    private static CallGate Opened(CallGate gate)
    {
        gate.Open();
        return gate;
    }

    private sealed class Ask(bool aside = false, bool reads = false, Guid chain = default) : Request
    {
        public override bool AlwaysInterleaves => aside;

        public override bool ReadsOnly => reads;

        public override Guid Chain => chain;

        public override bool IsObsolete => false;

        public override Task RunAsync(Activation activation) => Task.CompletedTask;

        public override void Reject(Exception error)
        {
        }
    }
}
