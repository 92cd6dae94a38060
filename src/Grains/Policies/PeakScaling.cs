using System.Globalization;

namespace Notebook.Grains.Policies;

/// <summary>
/// As many servers as the highest demand of the last minutes needs, and some GPUs to spare. Cells are short, and a session's next
/// one mostly comes within minutes: a server that is given back as soon as demand falls is asked for again before long, and what
/// waits for it waits as long as a server takes to come. The demand of a while is what the next minutes are likely to ask for.
/// </summary>
/// <param name="window">How far it looks back: from a minute to an hour.</param>
/// <param name="spareGpus">GPUs beyond the peak; null for one less than a server has.</param>
public sealed class PeakScaling(TimeSpan window, int? spareGpus) : IScalingPolicy
{
    /// <summary>What <see cref="Parse"/> reads.</summary>
    public const string Known = "MINUTES,GPUS, such as 10,6: 1 to 60 minutes, 0 to 1024 GPUs to spare";

    /// <summary>How far it looks back unless said otherwise.</summary>
    public const int DefaultMinutes = 8;

    private const int MaxRemovals = 4;

    /// <summary>With the figures that did best on a month of real work (docs/evaluation.md).</summary>
    public PeakScaling() : this(TimeSpan.FromMinutes(DefaultMinutes), null)
    {
    }

    /// <inheritdoc/>
    public string Name => window == TimeSpan.FromMinutes(DefaultMinutes) && spareGpus is null ? "peak" : "peak-of";

    /// <summary>GPUs to spare unless said otherwise, where servers have so many: just short of another server.</summary>
    public static int SpareBeside(int gpusPerServer) => Math.Max(0, gpusPerServer - 1);

    /// <summary>Reads <c>MINUTES,GPUS</c>.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static PeakScaling Parse(string text) =>
        text.Split(',') is [var minutes, var gpus]
        && int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var m) && m is >= 1 and <= 60
        && int.TryParse(gpus, NumberStyles.None, CultureInfo.InvariantCulture, out var g) && g <= 1024
            ? new PeakScaling(TimeSpan.FromMinutes(m), g)
            : throw new FormatException($"it must be {Known}");

    /// <inheritdoc/>
    public ScalingDecision Decide(ScalingView view)
    {
        var serving = view.Servers.Where(s => !s.IsDraining).ToImmutableArray();
        var peak = view.DemandPeaks.Take((int)window.TotalMinutes).DefaultIfEmpty(view.CommittedGpus).Max();
        var needed = FleetNeeds.ServersForQueue(view, serving);
        var spare = spareGpus ?? SpareBeside(view.GpusPerServer);
        var byPeak = view.GpusPerServer == 0 ? 0 : (int)Math.Ceiling((double)(peak + spare) / view.GpusPerServer);
        var target = Math.Max(byPeak, needed > 0 ? serving.Length + needed : 0);
        return FleetNeeds.Towards(view, serving, target, target, MaxRemovals, string.Create(
            CultureInfo.InvariantCulture,
            $"{view.CommittedGpus} GPUs committed, at most {peak} asked for within {window.TotalMinutes:0} minutes, {view.Waiting.Length} requests wait"));
    }
}
