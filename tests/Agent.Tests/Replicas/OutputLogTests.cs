using System.Text;
using Google.Protobuf;
using Notebook.Agent.Replicas;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Replicas;

public class OutputLogTests
{
    private const int Bound = 100_000;
    private readonly OutputLog _log = new("k/1", Bound);

    private static JupyterFrame Frame(string type, string parent = "p", int size = 10) => new()
    {
        Channel = type.EndsWith("_reply", StringComparison.Ordinal) ? Channel.Shell : Channel.Iopub,
        MessageType = type,
        ParentId = parent,
        Header = ByteString.CopyFromUtf8("""{"session":"s","username":"u","date":"d"}"""),
        ParentHeader = ByteString.CopyFromUtf8($$"""{"msg_id":"{{parent}}"}"""),
        Content = ByteString.CopyFrom(new byte[size]),
    };

    private List<Output> Kept(ulong after = 0)
    {
        var kept = new List<Output>();
        while (_log.After(after) is { } output)
        {
            kept.Add(output);
            after = output.Number;
        }

        return kept;
    }

    [Fact]
    public void Outputs_are_numbered_from_one_and_kept_until_delivered()
    {
        for (var n = 1; n <= 5; n++) Assert.Equal((ulong)n, _log.Append(Frame("stream")).Number);
        Assert.Equal([1, 2, 3, 4, 5], Kept().Select(o => o.Number));
        _log.Delivered(3);
        _log.Delivered(2);
        Assert.Equal([4, 5], Kept().Select(o => o.Number));
        _log.Delivered(99);
        Assert.Empty(Kept());
        Assert.Equal((6ul, 0L), (_log.Next, _log.Bytes));
    }

    [Fact]
    public void Beyond_the_bound_the_oldest_outputs_go_and_a_line_says_so()
    {
        _log.Append(Frame("execute_input"));
        for (var n = 0; n < 300; n++) _log.Append(Frame("stream", size: 1_000));
        _log.Append(Frame("execute_reply"));
        _log.Append(Frame("status"));

        var kept = Kept();
        Assert.True(_log.Bytes <= Bound);
        Assert.Equal(["execute_input", "stream"], kept.Take(2).Select(o => o.Message.MessageType));
        Assert.Equal(["execute_reply", "status"], kept.TakeLast(2).Select(o => o.Message.MessageType));
        var line = Encoding.UTF8.GetString(kept[1].Message.Content.Span);
        Assert.Contains("stderr", line);
        Assert.Contains($"[{_log.Dropped} outputs are missing here", line);
        Assert.Equal("p", kept[1].Message.ParentId);
        Assert.Equal((ulong)_log.Dropped - 1, _log.MissingAfter(0));   // one number is the line's
        Assert.Equal(303 - _log.Dropped + 1, kept.Count);
    }

    [Fact]
    public void Each_cell_gets_its_own_line()
    {
        foreach (var parent in (string[])["a", "b"])
            for (var n = 0; n < 200; n++) _log.Append(Frame("stream", parent, 1_000));
        for (var n = 0; n < 90; n++) _log.Append(Frame("stream", "c", 1_000));
        var lines = Kept().Where(o => o.Message.MessageId.StartsWith("k/1-dropped", StringComparison.Ordinal)).ToList();
        Assert.Contains(lines, o => o.Message.ParentId == "a" && Encoding.UTF8.GetString(o.Message.Content.Span).Contains("[200 "));
        Assert.Contains(lines, o => o.Message.ParentId == "b");
    }

    [Fact]
    public void Replies_and_states_are_bounded_too()
    {
        for (var n = 0; n < 5_000; n++) _log.Append(Frame("status"));
        Assert.True(_log.Bytes <= 2 * Bound);
        Assert.True(_log.MissingAfter(0) > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Numbers_only_grow_bytes_are_right_and_what_may_not_be_dropped_stays(int seed)
    {
        var random = new Random(seed);
        var owed = new HashSet<ulong>();
        var delivered = 0ul;
        for (var step = 0; step < 5_000; step++)
        {
            if (random.Next(20) == 0)
            {
                delivered = Math.Max(delivered, (ulong)random.NextInt64((long)_log.Next));
                _log.Delivered(delivered);
                owed.RemoveWhere(number => number <= delivered);
            }

            var type = random.Next(10) switch { 0 => "execute_reply", 1 => "status", _ => "stream" };
            var output = _log.Append(Frame(type, $"p{step / 50}", type == "stream" ? random.Next(3_000) : 10));
            if (type != "stream") owed.Add(output.Number);

            var kept = Kept();
            Assert.True(kept.Select(o => o.Number).SequenceEqual(kept.Select(o => o.Number).Order()), $"seed {seed}, step {step}");
            Assert.Equal(_log.Bytes, kept.Sum(o => o.Message.CalculateSize() + 256L));
            Assert.Superset(owed, kept.Select(o => o.Number).ToHashSet());
            Assert.True(kept.All(o => o.Number > delivered));
        }
    }
}
