namespace Notebook.Simulator.Reports.Plots;

/// <summary>Colours that are told apart on a light page, also by people who see few of them.</summary>
internal static class Palette
{
    internal const string Reserved = "#6b7280";
    internal const string Provisioned = "#d97706";
    internal const string Leased = "#93c5fd";
    internal const string Busy = "#1d4ed8";
    internal const string Grid = "#e5e7eb";
    internal const string Ink = "#1f2937";
    internal const string Faint = "#6b7280";

    private static readonly string[] s_runs = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#7c3aed", "#374151"];

    private static readonly string[] s_dashes = ["", "7 3", "2 3", "9 3 2 3"];

    /// <summary>The colour of a run, by its place among the runs.</summary>
    internal static string Of(int run) => s_runs[run % s_runs.Length];

    /// <summary>How its line is dashed: whole for the first eight, then otherwise for the next.</summary>
    internal static string Dash(int run) => s_dashes[run / s_runs.Length % s_dashes.Length];
}
