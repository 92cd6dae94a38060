using System.Text;
using Notebook.Gateway.Kernels;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Tests.Kernels;

/// <summary>What is kept of the last cells, within which bounds.</summary>
public sealed class RecentCellsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_keptFor = TimeSpan.FromMinutes(5);
    private readonly RecentCells _cells = new(limitBytes: 1000, limitCells: 3, s_keptFor);

    [Fact]
    public void A_cells_messages_are_kept_in_their_order_from_its_input_on()
    {
        Say("a", "status");
        Say("a", "execute_input", "stream", "display_data", "execute_reply", "status");

        var cell = Assert.Single(_cells.All);
        Assert.Equal(["execute_input", "stream", "display_data", "execute_reply", "status"], cell.Messages.Select(m => m.Type));
        Assert.Equal(s_now, cell.FinishedAt);
    }

    [Fact]
    public void What_is_no_cells_is_not_kept()
    {
        Say("q", "status", "complete_reply", "status");
        Assert.Empty(_cells.All);
    }

    [Fact]
    public void The_oldest_finished_cells_go_first()
    {
        foreach (var id in new[] { "a", "b", "c" }) Say(id, "execute_input", "execute_reply");
        Say("d", "execute_input");
        Assert.Equal(["b", "c", "d"], _cells.All.Select(c => c.Id));

        _cells.Add(Message("d", "stream", 990), s_now);
        var left = Assert.Single(_cells.All);
        Assert.Equal(("d", 0L), (left.Id, left.LeftOut));
    }

    [Fact]
    public void A_running_cell_that_says_more_loses_its_oldest_outputs_and_counts_them()
    {
        Say("a", "execute_input");
        for (var i = 0; i < 10; i++) _cells.Add(Message("a", $"stream{i}", 300), s_now);

        var cell = Assert.Single(_cells.All);
        Assert.Equal(["stream7", "stream8", "stream9"], cell.Messages.Select(m => m.Type));
        Assert.Equal(8, cell.LeftOut);
    }

    [Fact]
    public void Finished_cells_are_forgotten_after_a_while_and_running_ones_are_not()
    {
        Say("a", "execute_input", "execute_reply");
        Say("b", "execute_input");
        _cells.Forget(s_now + s_keptFor);
        Assert.Equal(["a", "b"], _cells.All.Select(c => c.Id));
        _cells.Forget(s_now + s_keptFor + TimeSpan.FromSeconds(1));
        Assert.Equal("b", Assert.Single(_cells.All).Id);
    }

    private void Say(string cell, params string[] types)
    {
        foreach (var type in types) _cells.Add(Message(cell, type, 10), s_now);
    }

    private static OutMessage Message(string cell, string type, int bytes) =>
        new(new SocketMessage(SocketChannel.Iopub, default, default, default, Encoding.ASCII.GetBytes(new string('x', bytes)), []), "i", type, cell);
}
