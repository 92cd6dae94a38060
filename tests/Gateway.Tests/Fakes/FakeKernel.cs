using System.Threading.Channels;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>A kernel's grain: remembers what it was asked, and says what the test has it say.</summary>
internal sealed class FakeKernel(FakeCluster cluster, KernelId id, KernelView? view) : IKernelGrain
{
    private readonly Lock _gate = new();
    private readonly List<IKernelObserver> _observers = [];
    private readonly Channel<CellSubmission> _submissions = Channel.CreateUnbounded<CellSubmission>();

    public KernelId Id => id;

    public KernelView? Now { get; private set; } = view;

    public Func<CellSubmission, SubmitOutcome> OnSubmit { get; set; } = _ => new SubmitOutcome.Accepted(1, 0);

    public int Interrupts { get; private set; }

    /// <summary>How often a gateway said that clients use it by something else than cells.</summary>
    public int Uses { get; private set; }

    /// <summary>The last that was asked of how its state is kept.</summary>
    public KeepingRequest? Kept { get; private set; }

    public int Subscriptions { get; private set; }

    /// <summary>How many clients a gateway said last that it has.</summary>
    public int Connections { get; private set; }

    /// <summary>The next submission, in order.</summary>
    public async Task<CellSubmission> SubmittedAsync() =>
        await _submissions.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>The next submission that is not of this cell.</summary>
    public async Task<CellSubmission> SubmittedOtherThanAsync(string messageId)
    {
        while (true)
        {
            if (await SubmittedAsync() is var submission && submission.MessageId != messageId) return submission;
        }
    }

    /// <summary>Changes the view and tells the observers.</summary>
    public void Change(Func<KernelView, KernelView> change)
    {
        IKernelObserver[] observers;
        KernelView now;
        lock (_gate)
        {
            Now = now = change(Now!) with { Version = Now!.Version + 1 };
            observers = [.. _observers];
        }

        foreach (var observer in observers) _ = observer.Changed(now);
    }

    public void Run(FakeAgent agent, int number = 0, int process = 1) => Change(v => v with
    {
        State = KernelState.Idle,
        Executor = ReplicaId.Of(id, number),
        Replicas = [new ReplicaView(ReplicaId.Of(id, number), new ServerId("s"), ReplicaPhase.Ready, process, agent.Address.ToString(), null)],
    });

    /// <summary>There is no such kernel any more.</summary>
    public void Forget() => Now = null;

    public void End(CellEnding ending)
    {
        IKernelObserver[] observers;
        lock (_gate) observers = [.. _observers];
        foreach (var observer in observers) _ = observer.CellEnded(id, ending);
    }

    /// <summary>The grain goes on from what it has stored: nobody is subscribed, and no cell waits.</summary>
    public void BeginAnew()
    {
        IKernelObserver[] observers;
        lock (_gate)
        {
            observers = [.. _observers];
            _observers.Clear();
        }

        foreach (var observer in observers) _ = observer.BeginsAnew(id);
    }

    public Task Used()
    {
        cluster.ThrowIfDown();
        Uses++;
        return Task.CompletedTask;
    }

    public Task<KernelView?> View()
    {
        cluster.ThrowIfDown();
        return Task.FromResult(Now);
    }

    public Task<SubmitOutcome> Submit(CellSubmission cell)
    {
        cluster.ThrowIfDown();
        var outcome = OnSubmit(cell);
        _submissions.Writer.TryWrite(cell);
        return Task.FromResult(outcome);
    }

    public Task<bool> Interrupt()
    {
        cluster.ThrowIfDown();
        Interrupts++;
        return Task.FromResult(Now is not null);
    }

    public Task<KernelView?> Restart()
    {
        cluster.ThrowIfDown();
        if (Now is not null) Change(v => v with { Incarnation = v.Incarnation + 1, Session = v.Session + "+" });
        return Task.FromResult(Now);
    }

    public Task<bool> Shutdown()
    {
        cluster.ThrowIfDown();
        if (Now is null or { State: KernelState.Dead }) return Task.FromResult(false);
        Change(v => v with { State = KernelState.Dead, Reason = "it was shut down" });
        return Task.FromResult(true);
    }

    public Task<KernelView?> Subscribe(IKernelObserver observer, int connections)
    {
        cluster.ThrowIfDown();
        lock (_gate)
        {
            Subscriptions++;
            Connections = connections;
            if (!_observers.Contains(observer)) _observers.Add(observer);
            return Task.FromResult(Now);
        }
    }

    public Task Unsubscribe(IKernelObserver observer)
    {
        lock (_gate) _observers.Remove(observer);
        return Task.CompletedTask;
    }

    public Task<KernelView?> Keep(KeepingRequest keeping)
    {
        cluster.ThrowIfDown();
        Kept = keeping;
        return Task.FromResult(Now);
    }

    public Task Start(KernelDefinition definition, KeepingRequest keeping, ImmutableArray<ServerId> servers) => throw new NotSupportedException();

    public Task ReplicaChanged(ReplicaView replica) => throw new NotSupportedException();

    public Task ExecutionReported(ReplicaId replica, ExecutionReport report) => throw new NotSupportedException();

    public Task RoomFreed(ServerId server) => throw new NotSupportedException();

    public Task<ImmutableArray<Decision>> Explain() => throw new NotSupportedException();

    public Task Move(ReplicaId from, ServerId target, string reason) => throw new NotSupportedException();

    public Task LogHeld(ServerId server, HeldLog held) => throw new NotSupportedException();

    public Task AddReplica(ServerId server) => throw new NotSupportedException();
}
