using Notebook.TestKit;

namespace Notebook.Embedded.Tests.Hosting;

public sealed class ThreadPoolTurnSchedulerTests
{
    private readonly ThreadPoolTurnScheduler _scheduler = new();

    [Fact]
    public async Task What_a_slice_makes_ready_runs_after_it_on_the_same_thread()
    {
        var order = new List<string>();
        var threads = new List<int>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Run(() =>
        {
            Run(() =>
            {
                order.Add("called");
                threads.Add(Environment.CurrentManagedThreadId);
                done.SetResult();
            });
            order.Add("caller");
            threads.Add(Environment.CurrentManagedThreadId);
        });
        await done.Task.Within("the slice that was made ready");
        Assert.Equal(["caller", "called"], order);
        Assert.Equal(threads[0], threads[1]);
    }

    [Fact]
    public async Task A_second_slice_does_not_wait_for_the_first()
    {
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var goOn = new ManualResetEventSlim();
        Run(() =>
        {
            Run(() => first.SetResult());
            Run(() => second.SetResult());
            goOn.Wait();   // holds this thread, and with it the first one
        });
        await second.Task.Within("the second slice, on another thread");
        Assert.False(first.Task.IsCompleted);
        goOn.Set();
        await first.Task.Within("the first slice");
    }

    [Fact]
    public async Task After_a_long_chain_the_thread_is_let_go()
    {
        var links = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var goOn = new ManualResetEventSlim();
        void Link()
        {
            if (++links < ThreadPoolTurnScheduler.MaxChain)
            {
                Run(Link);
                return;
            }

            Run(done.SetResult);   // not on this thread, which is held
            goOn.Wait();
        }

        Run(Link);
        await done.Task.Within("the slice after the chain, on another thread");
        goOn.Set();
    }

    private void Run(Action action) => _scheduler.Schedule(new Slice(action));

    private sealed class Slice(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
