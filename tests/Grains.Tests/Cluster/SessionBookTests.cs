using Notebook.Grains.Cluster;

namespace Notebook.Grains.Tests.Cluster;

public sealed class SessionBookTests
{
    private readonly SessionBook _book = new(new SessionsRecord());

    [Fact]
    public void A_path_has_one_session()
    {
        var first = Session("1", "a.ipynb");
        Assert.IsType<AddSessionOutcome.Added>(_book.Add(first));
        Assert.Equal(new AddSessionOutcome.Exists(first), _book.Add(Session("2", "a.ipynb")));
        Assert.Equal(first, Assert.Single(_book.All));
        Assert.Equal((first, first), (_book.At("a.ipynb"), _book.Find("1")));
        Assert.Equal((null, null), (_book.At("b.ipynb"), _book.Find("2")));
    }

    [Fact]
    public void What_a_change_does_not_name_stays()
    {
        _book.Add(Session("1", "a"));
        Assert.Equal(Session("1", "b"), _book.Change("1", new("b", null, null, null)));
        Assert.Equal(new JupyterSession("1", "b", "n", "console", new("k2")), _book.Change("1", new(null, "n", "console", new KernelId("k2"))));
        Assert.Null(_book.Change("2", new("b", null, null, null)));
    }

    [Fact]
    public void The_sessions_of_a_kernel_go_with_it_and_no_others()
    {
        foreach (var (id, kernel) in new[] { ("1", "k1"), ("2", "k2"), ("3", "k1") }) _book.Add(Session(id, id, kernel));
        Assert.True(_book.RemoveOf(new("k1")));
        Assert.False(_book.RemoveOf(new("k1")));
        Assert.Equal(["2"], _book.All.Select(s => s.Id));
        Assert.True(_book.Remove("2"));
        Assert.False(_book.Remove("2"));
    }

    [Fact]
    public void Their_number_and_the_length_of_their_names_are_bounded()
    {
        for (var n = 0; n < SessionBook.MaxSessions; n++) Assert.IsType<AddSessionOutcome.Added>(_book.Add(Session($"{n}", $"{n}")));
        Assert.Contains("10000 sessions", Assert.IsType<AddSessionOutcome.Refused>(_book.Add(Session("x", "x"))).Reason, StringComparison.Ordinal);
        _book.Remove("0");
        Assert.IsType<AddSessionOutcome.Refused>(_book.Add(Session("x", new string('x', SessionBook.MaxPath + 1))));
        Assert.IsType<AddSessionOutcome.Refused>(_book.Add(Session("x", "")));
        Assert.IsType<AddSessionOutcome.Refused>(_book.Add(Session("1", "x")));
        Assert.IsType<AddSessionOutcome.Added>(_book.Add(Session("x", "x")));
        Assert.Null(_book.Change("x", new(new string('x', SessionBook.MaxPath + 1), null, null, null)));
    }

    [Fact]
    public void What_was_stored_is_what_there_is()
    {
        _book.Add(Session("1", "a"));
        _book.Add(Session("2", "b"));
        Assert.Equal(_book.All.AsEnumerable(), new SessionBook(new SessionsRecord { Sessions = _book.All }).All);
    }

    private static JupyterSession Session(string id, string path, string kernel = "k") => new(id, path, "", "notebook", new(kernel));
}
