using System.Globalization;

namespace Notebook.Acceptance.Tests.Simulation;

/// <summary>A line of <c>cells.csv</c>, as far as simulator and platform are compared by it. Times are in seconds.</summary>
internal sealed record PlayedCell(int Session, int Index, int Gpus, double? Started, double? Ended, string Outcome)
{
    /// <summary>All cells of a result folder, by session, then by index.</summary>
    public static IReadOnlyList<PlayedCell> Read(string folder)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, "cells.csv"));
        var columns = lines[0].Split(',');
        return
        [
            .. lines.Skip(1).Select(line => line.Split(',')).Select(values =>
            {
                string Of(string column) => values[Array.IndexOf(columns, column)];
                double? Time(string column) => Of(column) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;
                int Number(string column) => int.Parse(Of(column), CultureInfo.InvariantCulture);
                return new PlayedCell(Number("session"), Number("index"), Number("gpus"), Time("started_s"), Time("ended_s"), Of("outcome"));
            }),
        ];
    }

    /// <summary>GPU-seconds from its code's start to its reply.</summary>
    public double GpuSeconds => Gpus * (Ended!.Value - Started!.Value);
}
