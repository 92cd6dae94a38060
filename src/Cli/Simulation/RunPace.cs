using System.Globalization;

namespace Notebook.Cli.Simulation;

/// <summary>How far a run is, and how fast it goes.</summary>
/// <param name="Simulated">Simulated time so far.</param>
/// <param name="Length">Simulated time in all; positive.</param>
/// <param name="Elapsed">Real time so far.</param>
internal readonly record struct RunPace(TimeSpan Simulated, TimeSpan Length, TimeSpan Elapsed)
{
    /// <summary>What is done of it, 0 to 1. Cells that run beyond the trace's end count nothing.</summary>
    public double Share => Math.Clamp(Simulated / Length, 0, 1);

    /// <summary>Such as <c>12.3 of 17.5 h simulated, 3.4 h/s</c>.</summary>
    public string Text
    {
        get
        {
            var hours = Share * Length.TotalHours;
            var speed = Elapsed > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $", {hours / Elapsed.TotalSeconds:0.0} h/s") : "";
            return string.Create(CultureInfo.InvariantCulture, $"{hours:0.0} of {Length.TotalHours:0.0} h simulated{speed}");
        }
    }
}
