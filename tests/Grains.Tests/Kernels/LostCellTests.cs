using Notebook.Grains.Kernels;

namespace Notebook.Grains.Tests.Kernels;

public sealed class LostCellTests
{
    private static readonly ExecutorLoss s_loss = new(new ServerId("a"), "killed", false);

    [Fact]
    public void A_cell_that_does_not_count_is_told_so_for_certain()
    {
        var (kind, reason, failed) = LostCell.Gone(s_loss);
        Assert.Equal((CellEndKind.ExecutorLost, false), (kind, failed));
        Assert.Contains("server a is gone (killed) while this cell ran", reason, StringComparison.Ordinal);
        Assert.Contains("what this cell changed is gone. It is not run again by itself", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_of_which_nobody_knows_is_told_that()
    {
        var (kind, reason, _) = LostCell.Unknown(s_loss, TimeSpan.FromSeconds(10), "no majority");
        Assert.Equal(CellEndKind.ExecutorLost, kind);
        Assert.Contains("could not be found out within 10 s: no majority. Look at the variables", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("is gone.", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_whose_changes_could_not_be_kept_stops_those_behind_it()
    {
        var loss = s_loss with { IsNotKept = true, Reason = "there is no room" };
        Assert.Equal((CellEndKind.StateNotKept, true), (LostCell.Gone(loss).Kind, LostCell.Gone(loss).Failed));
        Assert.Equal(CellEndKind.StateNotKept, LostCell.Unknown(loss, TimeSpan.Zero, null).Kind);
    }
}
