using System.CommandLine;

namespace Notebook.Bench.CellLatency;

/// <summary><c>cell-latency</c>: how long a cell and a kernel start take, beside a plain ipykernel.</summary>
internal static class CellLatencyCommand
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    public static Command Build()
    {
        var url = new Option<string?>("--url") { Description = "A platform that runs, as http://HOST:PORT/?token=T; without it one is brought up and taken down." };
        var cells = new Option<int>("--cells") { Description = "Cells on each side.", DefaultValueFactory = _ => 500 };
        var warmUp = new Option<int>("--warm-up") { Description = "Cells on each side before those that count.", DefaultValueFactory = _ => 50 };
        var starts = new Option<int>("--starts") { Description = "Kernel starts on each side.", DefaultValueFactory = _ => 15 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var breakdown = new Option<bool>("--breakdown") { Description = "Also show when a client sees each station of a cell." };
        var command = new Command("cell-latency", "1+1 from submission to idle, and kernel starts, beside a plain ipykernel in the same run.")
        {
            url, cells, warmUp, starts, json, breakdown,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(s_limit);
            await using var platform = await NotebookApi.OpenAsync(parsed.GetValue(url));
            var report = new CellLatencyReport(
                await CellRounds.RunAsync(platform, parsed.GetValue(cells), parsed.GetValue(warmUp), new Progress("cells"), limit.Token),
                await StartRounds.RunAsync(platform, parsed.GetValue(starts), limit.Token));
            Console.Out.WriteLine(parsed.GetValue(json) ? report.ToJson().ToJsonString() : report.ToTable());
            if (parsed.GetValue(breakdown)) Console.Out.WriteLine($"\n{report.ToBreakdown()}");
            return report.IsWithinBounds ? 0 : 1;
        });
        return command;
    }
}
