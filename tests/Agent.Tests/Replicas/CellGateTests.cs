using Notebook.Agent.Replicas;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Replicas;

public class CellGateTests
{
    private readonly CellGate _gate = new();

    private static CellOrder Order(string id, long execution = 1, long epoch = 1) => new(id, execution, epoch, []);

    private static JupyterFrame Message(string id, int size = 0) =>
        new() { MessageId = id, Content = Google.Protobuf.ByteString.CopyFrom(new byte[size]) };

    private static string Refusal(GateAnswer answer) => Reason(answer, ExecutionPhase.ExecutionRefused);

    private static string Postponed(GateAnswer answer) => Reason(answer, ExecutionPhase.ExecutionNotNow);

    private static string Reason(GateAnswer answer, ExecutionPhase phase)
    {
        var report = Assert.IsType<GateAnswer.Ended>(answer).Report;
        Assert.Equal(phase, report.Phase);
        return report.Reason;
    }

    [Fact]
    public void Bytes_then_order_start_the_cell()
    {
        Assert.IsType<GateAnswer.Nothing>(_gate.Stage(Message("m")));
        var start = Assert.IsType<GateAnswer.Start>(_gate.Order(Order("m")));
        Assert.Equal("m", start.Message.MessageId);
        Assert.Equal("m", _gate.Running?.MessageId);
    }

    [Fact]
    public void Order_then_bytes_start_the_cell()
    {
        Assert.IsType<GateAnswer.Wait>(_gate.Order(Order("m")));
        Assert.IsType<GateAnswer.Nothing>(_gate.Stage(Message("other")));
        Assert.IsType<GateAnswer.Start>(_gate.Stage(Message("m")));
        Assert.Null(_gate.Waiting);
    }

    [Fact]
    public void An_order_that_is_repeated_is_answered_with_what_is_known()
    {
        _gate.Stage(Message("m"));
        _gate.Order(Order("m"));
        Assert.Equal(ExecutionPhase.ExecutionRunning, Assert.IsType<GateAnswer.Ended>(_gate.Order(Order("m"))).Report.Phase);
        _gate.End(ExecutionPhase.ExecutionSucceeded);
        _gate.Stage(Message("m"));
        Assert.Equal(ExecutionPhase.ExecutionSucceeded, Assert.IsType<GateAnswer.Ended>(_gate.Order(Order("m", epoch: 9))).Report.Phase);
    }

    [Fact]
    public void An_older_epoch_is_refused()
    {
        _gate.Order(Order("a", epoch: 5));
        _gate.End(ExecutionPhase.ExecutionSucceeded);
        Assert.Contains("stale", Refusal(_gate.Order(Order("b", epoch: 4))));
        Assert.IsType<GateAnswer.Wait>(_gate.Order(Order("c", epoch: 5)));
    }

    [Fact]
    public void A_second_cell_cannot_run_while_the_first_does_which_stays_the_latest()
    {
        _gate.Order(Order("a", 1));
        Assert.Contains("execution 1", Postponed(_gate.Order(Order("b", 2))));
        Assert.Equal("a", _gate.Last?.MessageId);
        Assert.IsType<GateAnswer.Start>(_gate.Stage(Message("a")));
        Assert.Contains("execution 1", Postponed(_gate.Order(Order("c", 3))));
    }

    [Fact]
    public void A_cell_that_was_taken_back_does_not_run()
    {
        _gate.Stage(Message("a"));
        _gate.Discard("a");
        Assert.Contains("took the cell back", Refusal(_gate.Order(Order("a"))));
        _gate.Order(Order("b"));
        Assert.Contains("took the cell back", Refusal(_gate.Discard("b")));
        Assert.Null(_gate.Waiting);
    }

    [Fact]
    public void A_running_cell_cannot_be_taken_back()
    {
        _gate.Stage(Message("a"));
        _gate.Order(Order("a"));
        Assert.IsType<GateAnswer.Nothing>(_gate.Discard("a"));
        Assert.Equal("a", _gate.Running?.MessageId);
    }

    [Fact]
    public void An_order_whose_bytes_never_come_is_given_up_once()
    {
        var order = Order("a");
        _gate.Order(order);
        Assert.Contains("within 30 s", Refusal(_gate.GiveUp(order, TimeSpan.FromSeconds(30))));
        Assert.IsType<GateAnswer.Nothing>(_gate.GiveUp(order, TimeSpan.FromSeconds(30)));
        Assert.IsType<GateAnswer.Nothing>(_gate.Stage(Message("a")));
    }

    [Fact]
    public void Too_many_staged_cells_and_too_large_ones_are_refused_when_ordered()
    {
        for (var n = 0; n <= CellGate.MaxStaged; n++) _gate.Stage(Message($"{n}"));
        Assert.Contains("1000 cells", Refusal(_gate.Order(Order($"{CellGate.MaxStaged}"))));

        _gate.Restart();
        _gate.Stage(Message("large", (int)CellGate.MaxStagedBytes));
        Assert.Contains("64 MiB", Refusal(_gate.Order(Order("large"))));
    }

    /// <summary>Any sequence of events: no message starts twice, no start without order and bytes, one cell at a time, epochs never fall.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Its_promises_hold_in_any_sequence(int seed)
    {
        var random = new Random(seed);
        var started = new HashSet<string>();
        var staged = new HashSet<string>();
        var ordered = new Dictionary<string, CellOrder>();
        var newest = 0L;
        for (var step = 0; step < 20_000; step++)
        {
            var id = $"m{random.Next(200)}";
            var wasRunning = _gate.Running;
            var answer = random.Next(6) switch
            {
                0 or 1 => Stage(id),
                2 or 3 => Obey(new CellOrder(id, step, random.Next(1 + (step / 1000), 3 + (step / 1000)), [])),
                4 => random.Next(10) == 0 ? _gate.Discard(id) : new GateAnswer.Nothing(),
                _ => End(),
            };
            if (answer is not GateAnswer.Start start) continue;
            Assert.True(wasRunning is null, $"seed {seed}, step {step}: two cells at once");
            Assert.True(started.Add(start.Order.MessageId), $"seed {seed}, step {step}: {start.Order.MessageId} ran twice");
            Assert.Contains(start.Order.MessageId, staged);
            Assert.Same(ordered[start.Order.MessageId], start.Order);
            Assert.True(start.Order.Epoch >= newest || start.Order == ordered.GetValueOrDefault(start.Order.MessageId));
            newest = Math.Max(newest, start.Order.Epoch);
        }

        Assert.NotEmpty(started);

        GateAnswer Stage(string id)
        {
            staged.Add(id);
            return _gate.Stage(Message(id));
        }

        GateAnswer Obey(CellOrder order)
        {
            var answer = _gate.Order(order);
            if (answer is GateAnswer.Start or GateAnswer.Wait) ordered[order.MessageId] = order;
            return answer;
        }

        GateAnswer End()
        {
            if (_gate.Running is not null) _gate.End(ExecutionPhase.ExecutionSucceeded);
            return new GateAnswer.Nothing();
        }
    }

    [Fact]
    public void A_cell_that_replied_here_needs_no_log_to_say_how_it_ended()
    {
        _gate.Stage(Message("m"));
        _gate.Order(Order("m"));
        Assert.Null(_gate.Recall("m"));   // it runs
        _gate.End(ExecutionPhase.ExecutionSucceeded);
        Assert.Equal(ExecutionPhase.ExecutionSucceeded, _gate.Recall("m")?.Phase);
        Assert.Null(_gate.Recall("other"));
    }

    [Fact]
    public void A_cell_that_lost_its_process_here_ends_as_the_log_says()
    {
        _gate.Stage(Message("m"));
        _gate.Order(Order("m"));
        _gate.End(ExecutionPhase.ExecutionProcessLost);
        Assert.Null(_gate.Recall("m"));
        Assert.Equal(2, _gate.EndByLog(Order("m", epoch: 2), ExecutionPhase.ExecutionSucceeded).Epoch);
        Assert.Equal(ExecutionPhase.ExecutionSucceeded, _gate.Recall("m")?.Phase);
        Assert.Equal(ExecutionPhase.ExecutionSucceeded, _gate.Last?.Phase);
    }

    [Fact]
    public void A_cell_that_ended_by_the_log_is_never_run_here()
    {
        _gate.Stage(Message("m"));
        _gate.EndByLog(Order("m", epoch: 2), ExecutionPhase.ExecutionNotCommitted);
        Assert.IsType<GateAnswer.Nothing>(_gate.Stage(Message("m")));
        Assert.Equal(ExecutionPhase.ExecutionNotCommitted, Assert.IsType<GateAnswer.Ended>(_gate.Order(Order("m", epoch: 3))).Report.Phase);
        Assert.Null(_gate.Running);
    }

    [Fact]
    public void A_cell_that_cannot_run_now_may_run_in_a_later_epoch_with_the_bytes_that_are_there()
    {
        _gate.Stage(Message("m"));
        var start = Assert.IsType<GateAnswer.Start>(_gate.Order(Order("m", epoch: 2)));
        Assert.Equal(ExecutionPhase.ExecutionNotNow, _gate.PutBack(start, "it cannot lead")?.Phase);
        Assert.Null(_gate.Running);
        Assert.Equal(ExecutionPhase.ExecutionNotNow, Assert.IsType<GateAnswer.Ended>(_gate.Order(Order("m", epoch: 2))).Report.Phase);   // repeated
        Assert.IsType<GateAnswer.Start>(_gate.Order(Order("m", epoch: 3)));
        _gate.End(ExecutionPhase.ExecutionSucceeded);
        Assert.Equal(ExecutionPhase.ExecutionSucceeded, _gate.Postpone(Order("m", epoch: 4), "the process is gone").Report.Phase);
        Assert.Equal(ExecutionPhase.ExecutionSucceeded, Assert.IsType<GateAnswer.Ended>(_gate.Order(Order("m", epoch: 5))).Report.Phase);
    }

    [Fact]
    public void The_bytes_of_a_cell_that_could_not_run_go_when_the_kernel_has_come_to_another()
    {
        _gate.Stage(Message("m"));
        Assert.Equal(ExecutionPhase.ExecutionNotNow, _gate.Postpone(Order("m", epoch: 2), "it starts").Report.Phase);
        _gate.Stage(Message("m"));
        _gate.Order(Order("n", execution: 2, epoch: 3));
        _gate.End(ExecutionPhase.ExecutionSucceeded);
        Assert.IsType<GateAnswer.Wait>(_gate.Order(Order("m", epoch: 4)));
    }

    [Fact]
    public void What_the_log_says_of_one_cell_leaves_another_that_runs_alone()
    {
        _gate.Stage(Message("runs"));
        _gate.Order(Order("runs"));
        _gate.EndByLog(Order("m", epoch: 2), ExecutionPhase.ExecutionNotCommitted);
        Assert.Equal("runs", _gate.Last?.MessageId);
        Assert.Equal("runs", _gate.Running?.MessageId);
    }
}
