using Notebook.Embedded.Client;
using Notebook.Embedded.Hosting;
using Notebook.Embedded.Tests.Grains;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Client;

public sealed class CallQueueTests
{
    private readonly CallQueue _queue = new(capacity: 3);
    private readonly List<GrainCall> _sent = [];

    [Fact]
    public void A_call_that_meets_a_connection_which_has_just_ended_waits_for_the_next_one()
    {
        _queue.Open(_ => false);
        var call = NewCall();
        Assert.True(_queue.SendOrKeep(call));
        Assert.False(call.Answer.IsCompleted);
        _queue.Open(Send);
        Assert.Equal([call], _sent);
        Assert.False(_queue.SendOrKeep(NewCall()));
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public void What_a_connection_does_not_take_before_it_ends_waits_in_order_for_the_next_one()
    {
        GrainCall[] calls = [NewCall(), NewCall(), NewCall()];
        foreach (var call in calls) Assert.True(_queue.SendOrKeep(call));
        _queue.Open(call => _sent.Count == 0 && Send(call));
        Assert.Equal(calls[..1], _sent);
        var late = NewCall();
        Assert.True(_queue.SendOrKeep(late));
        _queue.Open(Send);
        Assert.Equal([.. calls, late], _sent);
    }

    [Fact]
    public void The_end_of_an_older_connection_does_not_end_the_newer_one()
    {
        Func<GrainCall, bool> older = _ => false;
        _queue.Open(older);
        _queue.Open(Send);
        _queue.Shut(older);
        Assert.False(_queue.SendOrKeep(NewCall()));
        Assert.Single(_sent);
    }

    private static GrainCall NewCall() =>
        InterfaceShape.Of(typeof(IProbeGrain)).Find("Echo")!.NewCall(GrainId.Create("probe", "x"), ["x"]);

    private bool Send(GrainCall call)
    {
        _sent.Add(call);
        return true;
    }
}
