using Notebook.Gpu.Checkpoints;
using Xunit;

namespace Notebook.Gpu.Tests.Checkpoints;

public sealed class ProcessCheckpointsTests : IDisposable
{
    private const int Pid = 4711;
    private const string LockCall = "cuCheckpointProcessLock";
    private const string CheckpointCall = "cuCheckpointProcessCheckpoint";
    private const string RestoreCall = "cuCheckpointProcessRestore";
    private const string UnlockCall = "cuCheckpointProcessUnlock";
    private const string StateCall = "cuCheckpointProcessGetState";
    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(2);
    private readonly FakeCuda _driver = new() { Processes = { [Pid] = FakeCuda.Running } };

    [Fact]
    public void A_process_gives_up_its_GPUs_and_has_them_again()
    {
        var checkpoints = Open();
        Assert.IsType<CheckpointOutcome.Done>(checkpoints.Free(Pid, s_within));
        Assert.Equal(FakeCuda.Checkpointed, _driver.Processes[Pid]);
        Assert.IsType<CheckpointOutcome.Done>(checkpoints.Free(Pid, s_within));   // again is no error
        Assert.IsType<CheckpointOutcome.Done>(checkpoints.Restore(Pid, []));
        Assert.Equal(FakeCuda.Running, _driver.Processes[Pid]);
        Assert.IsType<CheckpointOutcome.Done>(checkpoints.Restore(Pid, []));
        Assert.Equal([LockCall, CheckpointCall, RestoreCall, UnlockCall], _driver.Calls.Where(call => call != StateCall));
    }

    [Fact]
    public void It_may_come_back_on_other_GPUs()
    {
        _driver.Processes[Pid] = FakeCuda.Checkpointed;
        var outcome = Open("580.65.06").Restore(Pid, [new("GPU-00112233-4455-6677-8899-aabbccddeeff", "GPU-ffeeddcc-bbaa-9988-7766-554433221100"), new("GPU-00000000-0000-0000-0000-000000000001", "GPU-00000000-0000-0000-0000-000000000002")]);
        Assert.IsType<CheckpointOutcome.Done>(outcome);
        Assert.Equal([("00112233445566778899AABBCCDDEEFF", "FFEEDDCCBBAA99887766554433221100"), ("00000000000000000000000000000001", "00000000000000000000000000000002")], _driver.Pairs);
    }

    [Fact]
    public void A_driver_that_cannot_do_that_is_not_asked_to()
    {
        _driver.Processes[Pid] = FakeCuda.Checkpointed;
        var checkpoints = Open("570.86.10");
        Assert.False(checkpoints.CanMove);
        var refused = Assert.IsType<CheckpointOutcome.Refused>(checkpoints.Restore(Pid, [new("GPU-00112233-4455-6677-8899-aabbccddeeff", "GPU-00112233-4455-6677-8899-aabbccddeef0")]));
        Assert.Equal((580, (CheckpointPhase?)CheckpointPhase.Checkpointed), (Assert.IsType<GpuFault.DriverTooOld>(refused.Why).Needs, refused.Phase));
        Assert.DoesNotContain(RestoreCall, _driver.Calls);
    }

    [Fact]
    public void GPUs_that_have_no_UUID_are_refused()
    {
        _driver.Processes[Pid] = FakeCuda.Checkpointed;
        Assert.IsType<CheckpointOutcome.Refused>(Open().Restore(Pid, [new("GPU-1", "SIM-agent-1-0")]));
        Assert.Equal(FakeCuda.Checkpointed, _driver.Processes[Pid]);
    }

    [Fact]
    public void A_process_that_does_not_stop_in_time_runs_on()
    {
        _driver.IsBusy = true;
        Assert.IsType<CheckpointOutcome.StillBusy>(Open().Free(Pid, s_within));
        Assert.Equal(FakeCuda.Running, _driver.Processes[Pid]);
    }

    [Fact]
    public void Too_little_host_memory_leaves_the_process_running_on_its_GPUs()
    {
        _driver.Failures[CheckpointCall] = 2;
        var refused = Assert.IsType<CheckpointOutcome.Refused>(Open().Free(Pid, s_within));
        Assert.IsType<GpuFault.OutOfMemory>(refused.Why);
        Assert.Equal((CheckpointPhase.Running, FakeCuda.Running), (refused.Phase, _driver.Processes[Pid]));
    }

    [Fact]
    public void A_GPU_that_is_taken_leaves_the_process_checkpointed_to_be_tried_again()
    {
        _driver.Processes[Pid] = FakeCuda.Checkpointed;
        _driver.Failures[RestoreCall] = 2;
        var refused = Assert.IsType<CheckpointOutcome.Refused>(Open().Restore(Pid, []));
        Assert.Equal((CheckpointPhase.Checkpointed, FakeCuda.Checkpointed), (refused.Phase, _driver.Processes[Pid]));
        _driver.Failures.Clear();
        Assert.IsType<CheckpointOutcome.Done>(Open().Restore(Pid, []));
    }

    [Theory]
    [InlineData(LockCall)]
    [InlineData(CheckpointCall)]
    [InlineData(StateCall)]
    public void A_process_that_dies_meanwhile_is_gone(string call)
    {
        _driver.Beforehand[call] = pid => _driver.Processes.Remove(pid);
        Assert.IsType<CheckpointOutcome.Gone>(Open().Free(Pid, s_within));
    }

    [Theory]
    [InlineData(RestoreCall)]
    [InlineData(UnlockCall)]
    public void One_that_dies_as_it_is_restored_is_gone_too(string call)
    {
        _driver.Processes[Pid] = FakeCuda.Checkpointed;
        _driver.Beforehand[call] = pid => _driver.Processes.Remove(pid);
        Assert.IsType<CheckpointOutcome.Gone>(Open().Restore(Pid, []));
    }

    [Theory]
    [InlineData(LockCall, FakeCuda.Running)]
    [InlineData(CheckpointCall, FakeCuda.Running)]
    [InlineData(RestoreCall, FakeCuda.Checkpointed)]
    public void A_step_that_breaks_off_in_the_middle_breaks_the_process(string call, int from)
    {
        _driver.Processes[Pid] = from;
        _driver.Beforehand[call] = pid => _driver.Processes[pid] = FakeCuda.Failed;
        var outcome = from == FakeCuda.Running ? Open().Free(Pid, s_within) : Open().Restore(Pid, []);
        Assert.IsType<CheckpointOutcome.Broken>(outcome);
        Assert.IsType<CheckpointOutcome.Broken>(Open().Restore(Pid, []));
    }

    [Fact]
    public void One_that_cannot_be_let_go_is_broken()
    {
        _driver.Failures[CheckpointCall] = 999;
        _driver.Failures[UnlockCall] = 999;
        Assert.IsType<CheckpointOutcome.Broken>(Open().Free(Pid, s_within));
    }

    [Fact]
    public void A_step_that_is_refused_and_done_all_the_same_is_done()
    {
        _driver.Failures[CheckpointCall] = 999;
        _driver.Beforehand[CheckpointCall] = pid => _driver.Processes[pid] = FakeCuda.Checkpointed;
        Assert.IsType<CheckpointOutcome.Done>(Open().Free(Pid, s_within));
        _driver.Failures[RestoreCall] = 999;
        _driver.Beforehand[RestoreCall] = pid => _driver.Processes[pid] = FakeCuda.Locked;
        Assert.IsType<CheckpointOutcome.Done>(Open().Restore(Pid, []));
        Assert.Equal(FakeCuda.Running, _driver.Processes[Pid]);
    }

    [Fact]
    public void A_process_without_CUDA_has_nothing_to_give_up()
    {
        _driver.Failures[StateCall] = 1;
        var refused = Assert.IsType<CheckpointOutcome.Refused>(Open().Free(Pid, s_within));
        Assert.Contains("what the driver says", refused.Why.Message);
        Assert.Null(refused.Phase);
    }

    [Fact]
    public void A_driver_before_570_lacks_it()
    {
        _driver.Lacks.Add(CheckpointCall);
        var fault = Assert.IsType<GpuFault.DriverTooOld>(Assert.Throws<GpuException>(() => Open("550.54.15")).Fault);
        Assert.Equal(570, fault.Needs);
    }

    public static TheoryData<string> Calls
    {
        get
        {
            using var driver = new FakeCuda();
            return [.. driver.Names.Where(name => name != "cuGetErrorString")];
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Whichever_call_fails_the_outcome_says_where_the_process_is(string call)
    {
        var cases = from status in (int[])[1, 2, 3, 100, 304, 401, 600, 700, 800, 801, 803, 909, 999, -1]
                    from state in (int[])[FakeCuda.Running, FakeCuda.Locked, FakeCuda.Checkpointed, FakeCuda.Failed, 4, 77]
                    from frees in (bool[])[true, false]
                    select (status, state, frees);
        foreach (var (status, state, frees) in cases)
        {
            using var driver = new FakeCuda { Processes = { [Pid] = state }, Failures = { [call] = status } };
            if (call == "cuInit")
            {
                Assert.Contains("cuInit", Assert.Throws<GpuException>(() => Open(driver)).Message);
                continue;
            }

            var outcome = frees ? Open(driver).Free(Pid, s_within) : Open(driver).Restore(Pid, []);
            AssertIsTrue(outcome, driver.Processes[Pid], frees);
        }
    }

    private static void AssertIsTrue(CheckpointOutcome outcome, int state, bool frees)
    {
        switch (outcome)
        {
            case CheckpointOutcome.Done:
                Assert.Equal(frees ? FakeCuda.Checkpointed : FakeCuda.Running, state);
                break;
            case CheckpointOutcome.StillBusy:
                Assert.Equal((true, FakeCuda.Running), (frees, state));
                break;
            case CheckpointOutcome.Refused { Phase: { } phase }:
                Assert.Equal((frees ? CheckpointPhase.Running : CheckpointPhase.Checkpointed, (int)phase), (phase, state));
                break;
            case CheckpointOutcome.Refused:   // its state cannot be asked for, and nothing was done
            case CheckpointOutcome.Broken:
                break;
            default:
                Assert.Fail($"{outcome} of a process that lives");
                break;
        }
    }

    private ProcessCheckpoints Open(string version = "580.65.06") => Open(_driver, version);

    private static ProcessCheckpoints Open(FakeCuda driver, string version = "580.65.06") => ProcessCheckpoints.Open(driver, version, driver.Processes.ContainsKey);

    public void Dispose() => _driver.Dispose();
}
