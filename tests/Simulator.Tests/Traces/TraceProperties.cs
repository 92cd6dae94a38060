using FsCheck;
using FsCheck.Fluent;
using Notebook.Simulator.Traces;
using Xunit;

namespace Notebook.Simulator.Tests.Traces;

public class TraceProperties
{
    /// <summary>Sessions of a few cells with whole minutes and thousandths; the cells of one do not overlap.</summary>
    internal static Gen<Trace> Traces =>
        from sessions in Gen.Choose(1, 8)
        from steps in Gen.Choose(0, 40_000).ListOf().Resize(60)
        from gpus in Gen.Elements(1, 2, 4, 8).ListOf(sessions)
        select Make([.. gpus], [.. steps]);

    [Fact]
    public void What_is_written_is_read_back() => Prop.ForAll(Traces.ToArbitrary(), trace =>
    {
        var text = new StringWriter();
        TraceWriter.Write(trace, text);
        var read = TraceReader.Read(trace.Name, new StringReader(text.ToString()), new TraceRules());
        return ((TraceReading.Read)read).Trace.Cells.SequenceEqual(trace.Cells);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Two_halves_have_the_busy_hours_of_the_whole() => Prop.ForAll(Traces.ToArbitrary(), trace =>
    {
        var half = new TimeSpan(trace.Length.Ticks / 2);
        if (half == TimeSpan.Zero) return true;
        var submittedInFirst = trace.Cells.Where(cell => cell.Submit < half).ToList();
        var first = new TraceWindow(TimeSpan.Zero, half).TryCut(trace, out var part) ? part : null;
        var expected = submittedInFirst.Sum(cell => (cell.End < half ? cell.Duration : half - cell.Submit).TotalHours * cell.Gpus);
        return Math.Abs((first?.Busy().HoursUntil(half) ?? 0) - expected) < 1e-9;
    }).QuickCheckThrowOnFailure();

    private static Trace Make(int[] gpus, int[] steps)
    {
        var cells = new List<TraceCell>();
        var free = new TimeSpan[gpus.Length];
        foreach (var (step, i) in steps.DefaultIfEmpty(1).Select((step, i) => (step, i % gpus.Length)))
        {
            var submit = free[i] + TimeSpan.FromMilliseconds(60L * (step % 200 * 100));
            var duration = TimeSpan.FromMilliseconds(60L * (step + 1));
            cells.Add(new TraceCell(i, submit, duration, gpus[i]));
            free[i] = submit + duration;
        }
        return new Trace("made", cells);
    }
}
