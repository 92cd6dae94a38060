using Notebook.Gpu.Checkpoints;
using Xunit;

namespace Notebook.Gpu.Tests.Checkpoints;

public sealed class CheckpointedProcessTests
{
    [Fact]
    public void It_is_led_to_the_host_and_back_by_single_steps()
    {
        var process = new CheckpointedProcess(CheckpointPhase.Running);
        Assert.Equal([CheckpointStep.Lock, CheckpointStep.Checkpoint], Lead(process, CheckpointPhase.Checkpointed));
        Assert.Equal([CheckpointStep.Restore, CheckpointStep.Unlock], Lead(process, CheckpointPhase.Running));
        Assert.Empty(Lead(process, CheckpointPhase.Running));
    }

    [Fact]
    public void One_that_was_left_locked_goes_either_way()
    {
        Assert.Equal([CheckpointStep.Checkpoint], Lead(new(CheckpointPhase.Locked), CheckpointPhase.Checkpointed));
        Assert.Equal([CheckpointStep.Unlock], Lead(new(CheckpointPhase.Locked), CheckpointPhase.Running));
    }

    [Theory]
    [InlineData(CheckpointPhase.Failed)]
    [InlineData(CheckpointPhase.Gone)]
    public void One_that_has_failed_or_ended_gets_nowhere(CheckpointPhase phase)
    {
        Assert.Empty(Lead(new(phase), CheckpointPhase.Running));
        Assert.Empty(Lead(new(phase), CheckpointPhase.Checkpointed));
        Assert.Throws<InvalidOperationException>(() => new CheckpointedProcess(phase).Found(CheckpointPhase.Running));
    }

    [Fact]
    public void It_may_end_in_any_phase()
    {
        foreach (var phase in Enum.GetValues<CheckpointPhase>())
        {
            var process = new CheckpointedProcess(phase);
            process.Found(CheckpointPhase.Gone);
            Assert.Equal(CheckpointPhase.Gone, process.Phase);
        }
    }

    [Fact]
    public void A_step_is_done_only_from_its_own_phase()
    {
        foreach (var step in Enum.GetValues<CheckpointStep>())
        {
            var from = Enum.GetValues<CheckpointPhase>().Where(phase => Succeeds(() => new CheckpointedProcess(phase).Done(step)));
            Assert.Single(from);
        }
    }

    [Fact]
    public void Locked_is_no_place_to_be_led_to() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CheckpointedProcess(CheckpointPhase.Running).Next(CheckpointPhase.Locked));

    private static List<CheckpointStep> Lead(CheckpointedProcess process, CheckpointPhase goal)
    {
        var steps = new List<CheckpointStep>();
        while (process.Next(goal) is { } step)
        {
            steps.Add(step);
            process.Done(step);
        }

        return steps;
    }

    private static bool Succeeds(Action act)
    {
        try
        {
            act();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
