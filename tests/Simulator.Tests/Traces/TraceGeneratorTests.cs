using System.Security.Cryptography;
using System.Text;
using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Traces;

public class TraceGeneratorTests
{
    private const int Sessions = 5 * 456;

    private static readonly Lazy<TraceStatistics> s_large = new(() =>
        TraceStatistics.Of(TraceGenerator.Make(TraceSize.June with { Sessions = Sessions }, seed: 1)));

    [Fact]
    public void A_seed_means_the_same_trace_on_every_machine()
    {
        var text = new StringWriter();
        TraceWriter.Write(TraceGenerator.Make(new TraceSize(40, TimeSpan.FromDays(3)), seed: 7), text);
        Assert.Equal("74513243d508b957", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16]);
    }

    [Fact]
    public void Another_seed_means_another_trace() =>
        Assert.NotEqual(
            TraceGenerator.Make(new TraceSize(40, TimeSpan.FromDays(3)), 1).Cells.ToArray(),
            TraceGenerator.Make(new TraceSize(40, TimeSpan.FromDays(3)), 2).Cells.ToArray());

    [Fact]
    public void It_is_read_back_by_the_reader_without_a_fault()
    {
        var trace = TraceGenerator.Make(new TraceSize(200, TimeSpan.FromDays(3)), 5);
        var text = new StringWriter();
        TraceWriter.Write(trace, text);
        var read = Assert.IsType<TraceReading.Read>(TraceReader.Read("t", new StringReader(text.ToString()), new TraceRules()));
        Assert.Equal(trace.Cells.ToArray(), read.Trace.Cells.ToArray());
        Assert.Equal(200, trace.Sessions.Length);
        Assert.True(trace.Cells.All(cell => cell.End <= TimeSpan.FromDays(3)));
    }

    [Theory]
    [InlineData(0.25, 2, 1)]
    [InlineData(0.5, 2, 1)]
    [InlineData(0.75, 6, 1)]
    [InlineData(0.9, 20, 4)]
    [InlineData(0.99, 220, 110)]
    public void Durations_are_as_in_the_june_trace(double share, double minutes, double within) =>
        Near(minutes, within, s_large.Value.DurationMinutes.Percentile(share * 100));

    [Theory]
    [InlineData(0.25, 3, 1)]
    [InlineData(0.5, 5, 1)]
    [InlineData(0.75, 10, 2)]
    [InlineData(0.9, 29, 6)]
    public void Gaps_are_as_in_the_june_trace(double share, double minutes, double within) =>
        Near(minutes, within, s_large.Value.GapMinutes.Percentile(share * 100));

    [Fact]
    public void Sessions_are_as_in_the_june_trace()
    {
        Near(19, 3, s_large.Value.CellsPerSession.Percentile(50));
        Near(690, 70, s_large.Value.CellsPerSession.Percentile(90));
        Near(219.6, 44, s_large.Value.CellsPerSession.Mean);
        Near(5_620 / 60.0, 25, s_large.Value.SessionHours.Percentile(50));
        Near(37_509 / 60.0, 120, s_large.Value.SessionHours.Percentile(90));
        var shares = s_large.Value.SessionsByGpus.Select(size => (size.Gpus, Share: size.Sessions / (double)Sessions)).ToArray();
        Assert.Equal([1, 4, 8], shares.Select(size => size.Gpus));
        foreach (var (share, inJune) in shares.Select(size => size.Share).Zip([182 / 456.0, 123 / 456.0, 151 / 456.0])) Near(inJune, 0.03, share);
    }

    [Fact]
    public void Hours_are_as_in_the_june_trace()
    {
        Near(419.8, 84, s_large.Value.BusyGpuHours / Sessions);
        Near(0.583, 0.03, 1 - s_large.Value.BusyGpuHours / s_large.Value.ReservedGpuHours);
        Near(81 * 5, 125, s_large.Value.MaxCells);
        Near(158 * 5, 100, s_large.Value.MaxSessions);
    }

    [Fact]
    public void As_many_cells_as_were_asked_for_are_made_where_they_fit() =>
        Near(1_000, 100, TraceGenerator.Make(new TraceSize(20, TimeSpan.FromDays(3_000), Cells: 1_000), 1).Cells.Length);

    [Theory]
    [InlineData(0, 60, null)]
    [InlineData(1_000_001, 60, null)]
    [InlineData(1, 0, null)]
    [InlineData(1, 60, 0L)]
    public void A_size_out_of_bounds_is_refused(int sessions, int minutes, long? cells) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TraceGenerator.Make(new TraceSize(sessions, TimeSpan.FromMinutes(minutes), cells), 1));

    private static void Near(double expected, double within, double? found) => Assert.InRange(found ?? double.NaN, expected - within, expected + within);
}
