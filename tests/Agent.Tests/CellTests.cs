using System.Text.Json;
using Google.Protobuf;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests;

[Collection(AgentCollection.Name)]
public sealed class CellTests(RunningAgent agent)
{
    [Fact]
    public async Task A_cell_runs_when_its_bytes_and_its_order_are_there()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "1+1");
        agent.Run(replica, cell, 1);

        var result = await gateway.NextAsync(cell, "execute_result");
        Assert.Equal("2", JsonDocument.Parse(result.Text()).RootElement.GetProperty("data").GetProperty("text/plain").GetString());
        var reply = await gateway.ReplyAsync(cell);
        Assert.Contains("ok", reply.Text());
        Assert.Equal("client", reply.Message.ParentSession);
        var idle = await gateway.NextAsync(cell, "status", "idle");
        Assert.True(result.Number < reply.Number && reply.Number < idle.Number, "outputs, reply, idle");
        await agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionSucceeded);
    }

    [Fact]
    public async Task The_order_may_come_before_the_bytes()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        agent.Run(replica, "early", 1);
        await agent.Silo.ExecutionAsync(replica, "early", ExecutionPhase.ExecutionRunning);
        gateway.Stage(replica, "print('here')", "early");
        await gateway.NextAsync("early", "stream", "here");
        await agent.Silo.ExecutionAsync(replica, "early", ExecutionPhase.ExecutionSucceeded);
    }

    [Fact]
    public async Task Sets_are_in_the_order_in_which_they_are_on_every_server()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        gateway.Stage(replica, "import os, sys; print(f'seed {os.environ[\"PYTHONHASHSEED\"]} {sys.flags.hash_randomization}')", "seed");
        agent.Run(replica, "seed", 1);

        await gateway.NextAsync("seed", "stream", "seed 0 0");
    }

    [Fact]
    public async Task A_message_is_not_run_twice()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        const string Count = "runs = globals().get('runs', 0) + 1; print(f'run {runs}')";
        gateway.Stage(replica, Count, "once");
        agent.Run(replica, "once", 1);
        await agent.Silo.ExecutionAsync(replica, "once", ExecutionPhase.ExecutionSucceeded);

        gateway.Stage(replica, Count, "once");
        agent.Run(replica, "once", 1);
        await agent.Silo.ExecutionAsync(replica, "once", ExecutionPhase.ExecutionSucceeded);   // told again, not run again

        gateway.Stage(replica, Count, "twice");
        agent.Run(replica, "twice", 2);
        await gateway.NextAsync("twice", "stream", "run 2");
    }

    [Fact]
    public async Task An_error_ends_the_cell_and_names_itself()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "1/0");
        agent.Run(replica, cell, 1);
        Assert.Equal("ZeroDivisionError", (await agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionFailed)).Reason);
        await gateway.NextAsync(cell, "error", "ZeroDivisionError");
    }

    [Theory]
    [InlineData("1,3", 1, 3)]
    [InlineData("-1")]
    public async Task A_cell_sees_the_gpus_of_its_lease(string visible, params int[] devices)
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "import os; print(f'sees {os.environ[\"CUDA_VISIBLE_DEVICES\"]}.')");
        agent.Run(replica, cell, 1_000_000, devices: devices);
        await gateway.NextAsync(cell, "stream", $"sees {visible}.");
    }

    [Fact]
    public async Task What_the_notebook_sets_for_its_cells_is_told_with_the_end_of_each()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var two = new CellDefault { Request = new() { Gpus = 2, GpuMemoryGb = 16 } };
        var execution = 1;
        foreach (var (code, expected) in new[] { ("%gpu 2 --vram 16", two), ("x = 1", two), ("1/0", two), ("%gpu default", new()) })
        {
            var cell = gateway.Stage(replica, code);
            agent.Run(replica, cell, execution++);
            var phase = code == "1/0" ? ExecutionPhase.ExecutionFailed : ExecutionPhase.ExecutionSucceeded;
            Assert.Equal(expected, (await agent.Silo.ExecutionAsync(replica, cell, phase)).CellDefault);
        }
    }

    [Fact]
    public async Task Orders_of_an_older_epoch_and_unknown_gpus_are_refused()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "1");
        agent.Run(replica, cell, 1, epoch: 5);
        await agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionSucceeded);
        agent.Run(replica, "stale", 2, epoch: 4);
        Assert.Contains("stale", (await agent.Silo.ExecutionAsync(replica, "stale", ExecutionPhase.ExecutionRefused)).Reason);
        agent.Run(replica, "no gpu", 3, epoch: 5, devices: 99);
        Assert.Contains("GPU 99", (await agent.Silo.ExecutionAsync(replica, "no gpu", ExecutionPhase.ExecutionRefused)).Reason);
    }

    [Theory]
    [InlineData("import time; print('on'); time.sleep(100)")]
    [InlineData("print('on')\nwhile True: pass")]
    [InlineData("print('on'); import subprocess; subprocess.run(['sleep', '100'])")]
    public async Task An_interrupt_ends_what_runs(string code)
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, code);
        agent.Run(replica, cell, 1);
        await gateway.NextAsync(cell, "stream", "on");
        agent.Silo.Order(new() { Interrupt = new() { Replica = replica } });
        Assert.Equal("KeyboardInterrupt", (await agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionFailed)).Reason);
    }

    [Fact]
    public async Task Input_is_asked_and_answered()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "print('hello ' + input('name? '))");
        agent.Run(replica, cell, 1);
        var question = await gateway.NextAsync(cell, "input_request", "name?");
        Assert.Equal(Channel.Stdin, question.Message.Channel);
        gateway.Forward(replica, Channel.Stdin, "input_reply", new { value = "world", status = "ok" });
        await gateway.NextAsync(cell, "stream", "hello world");
    }

    [Fact]
    public async Task A_process_takes_over_session_environment_and_directory()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "import os, sys; print(f'{os.environ[\"KERNEL_COLOUR\"]} {os.getcwd()} {\"\" in sys.path} {os.environ.get(\"JPY_PARENT_PID\")}')");
        agent.Run(replica, cell, 1);
        var output = await gateway.NextAsync(cell, "stream", "blue");
        Assert.Contains(agent.StartOrder(replica, 1).WorkingDirectory, output.Text());
        Assert.Contains("True None", output.Text());
        Assert.Contains($"session of {replica}", output.Message.Header.ToStringUtf8());
    }

    [Fact]
    public async Task A_large_output_stays_before_the_reply()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "from IPython.display import HTML, display; display(HTML('x' * 30_000_000))");
        agent.Run(replica, cell, 1);
        var reply = await gateway.ReplyAsync(cell);
        var display = await gateway.NextAsync(cell, "display_data");
        Assert.True(display.Number < reply.Number);
    }

    [Fact]
    public async Task Large_messages_arrive_whole_while_signal_handlers_print()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        const int Messages = 8, Bytes = 5_000_000;
        var cell = gateway.Stage(replica, $"""
            import signal
            from ipykernel.comm import Comm
            left = 0
            def tick(*_):   # the next only after this one, and not for ever: where it takes long the message goes on all the same
                global left
                print('tick', flush=True)
                left -= 1
                if left > 0: signal.setitimer(signal.ITIMER_REAL, 0.0005)
            signal.signal(signal.SIGALRM, tick)
            for i in range({Messages}):
                left = 20
                signal.setitimer(signal.ITIMER_REAL, 0.0005)
                Comm(target_name='large', data={'{'}{'}'}, buffers=[b'first', bytes([i]) * {Bytes}, b''])
            signal.setitimer(signal.ITIMER_REAL, 0)
            print('memory', get_ipython().kernel.session.memory._sent)
            """);
        agent.Run(replica, cell, 1);

        await gateway.NextAsync(cell, "stream", "tick");
        for (var i = 0; i < Messages; i++)
        {
            var message = (await gateway.NextAsync(cell, "comm_open")).Message;
            Assert.Equal([5, Bytes, 0], message.Buffers.Select(buffer => buffer.Length));
            Assert.False(message.Buffers[1].Span.ContainsAnyExcept((byte)i));
        }

        Assert.Contains("memory count", await gateway.PrintedAsync(cell, $"count({Messages + 1})"), StringComparison.Ordinal);
        Assert.Contains("ok", (await gateway.ReplyAsync(cell)).Text());
    }

    [Fact]
    public async Task Large_buffers_are_in_memory_that_the_notebook_has_for_itself()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, """
            from ipykernel.comm import Comm
            comm, kept = Comm(target_name='large', data={}), []
            def take(message):
                buffers = message['buffers']
                kept.append(buffers)
                buffers[1][0] = 7
                print(type(buffers[1].obj).__name__, [(len(b), bytes(b[:1]), set(b[1:])) for b in buffers], len(kept))
            comm.on_msg(take)
            """);
        agent.Run(replica, cell, 1);
        var open = await gateway.NextAsync(cell, "comm_open");
        await gateway.ReplyAsync(cell);
        var comm = JsonDocument.Parse(open.Text()).RootElement.GetProperty("comm_id").GetString();

        for (var i = 1; i <= 3; i++)
        {
            var size = (3 << 20) + i;   // so that the last one, which is empty, begins behind its end
            var message = gateway.Forward(replica, Channel.Shell, "comm_msg", new { comm_id = comm, data = new { } }, [1, 9, 9], Enumerable.Repeat((byte)i, size).ToArray(), []);
            Assert.StartsWith($@"mmap [(3, b'\x01', {{9}}), ({size}, b'\x07', {{{i}}}), (0, b'', set())] {i}", await gateway.PrintedAsync(message, $"] {i}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Large_outputs_arrive_also_where_memory_cannot_be_handed_over()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, """
            from ipykernel.comm import Comm
            get_ipython().kernel.session.memory._socket.close()
            Comm(target_name='large', data={}, buffers=[bytes(5_000_000)])
            """);
        agent.Run(replica, cell, 1);

        Assert.Equal(5_000_000, (await gateway.NextAsync(cell, "comm_open")).Message.Buffers[0].Length);
    }

    [Fact]
    public async Task What_a_thread_or_c_code_prints_arrives()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "import os; os.system('echo from c')\nimport threading; threading.Timer(0.3, lambda: print('late')).start()");
        agent.Run(replica, cell, 1);
        await gateway.NextAsync(cell, "stream", "from c");
        await gateway.NextAsync(cell, "stream", "late");
    }

    [Fact]
    public async Task A_malformed_cell_is_refused_with_a_reason()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Cell("1");
        cell.Metadata = ByteString.CopyFromUtf8("{\"a\":");
        gateway.Send(new() { Stage = new() { Replica = replica, Message = cell } });
        agent.Run(replica, cell.MessageId, 1);
        Assert.Contains("malformed", (await agent.Silo.ExecutionAsync(replica, cell.MessageId, ExecutionPhase.ExecutionRefused)).Reason);
    }

    [Fact]
    public async Task Other_requests_are_answered_while_a_cell_runs()
    {
        var (replica, gateway) = await agent.StartReplicaAsync();
        await using var _ = gateway;
        var cell = gateway.Stage(replica, "print('on'); import time; time.sleep(100)");
        agent.Run(replica, cell, 1);
        await gateway.NextAsync(cell, "stream", "on");
        var info = gateway.Forward(replica, Channel.Control, "kernel_info_request", new { });
        Assert.Equal(Channel.Control, (await gateway.NextAsync(info, "kernel_info_reply")).Message.Channel);
        agent.Silo.Order(new() { Stop = new() { Replica = replica } });
        await agent.Silo.ExecutionAsync(replica, cell, ExecutionPhase.ExecutionProcessLost);
    }
}
