using System.Collections.Immutable;

namespace Notebook.Simulator.Traces;

/// <summary>
/// Sessions that are alike in how many cells they have: the fit of the June trace that <see cref="TraceGenerator"/> draws from.
/// Sessions of few cells have long ones and long pauses, sessions of many have short ones; without the kinds, a mean session
/// would come out that nobody ever had. Each table has the trace's own quantiles; the last value is such that the mean is the
/// trace's too, since a straight line to the very largest would overstate the tail.
/// </summary>
/// <param name="Weight">Sessions of this kind in the trace.</param>
/// <param name="Gpus">Of those, how many need how many GPUs.</param>
/// <param name="Cells">Cells of a session.</param>
/// <param name="DurationMinutes">How long a cell runs.</param>
/// <param name="PauseMinutes">From a cell's end to the next one's submission.</param>
internal sealed record SessionKind(
    int Weight,
    ImmutableArray<(int Gpus, int Weight)> Gpus,
    QuantileTable Cells,
    QuantileTable DurationMinutes,
    QuantileTable PauseMinutes)
{
    /// <summary>The kinds of the June trace: up to 5 cells, up to 60, up to 400, more.</summary>
    internal static readonly ImmutableArray<SessionKind> June =
    [
        new(
            141,
            [(1, 86), (4, 25), (8, 30)],
            new(1, 1, 1, 1, 2, 2, 3, 3, 4, 5, 5, 5, 5, 5, 5, 5),
            new(1, 1, 1, 1, 2, 2, 2, 3, 10, 162, 1431, 7163, 17502, 24148, 43200, 43200),
            new(0, 0, 1, 1, 2, 5, 11, 21, 35, 708, 3471, 8170, 14832, 18799, 20888, 20888)),
        new(
            146,
            [(1, 58), (4, 42), (8, 46)],
            new(6, 7, 7, 9, 11, 14, 19, 28, 35, 47, 53, 58, 59, 59, 59, 59),
            new(1, 1, 2, 2, 2, 3, 6, 13, 44, 147, 372, 1447, 3440, 5054, 9008, 9008),
            new(0, 0, 1, 1, 1, 3, 5, 12, 31, 146, 935, 3779, 6319, 11970, 30143, 30143)),
        new(
            103,
            [(1, 19), (4, 34), (8, 50)],
            new(61, 67, 75, 89, 112, 132, 166, 208, 242, 310, 350, 381, 389, 393, 393, 393),
            new(1, 1, 2, 2, 3, 4, 6, 10, 25, 62, 131, 350, 683, 1344, 4065, 4065),
            new(0, 0, 0, 0, 1, 1, 1, 2, 5, 20, 103, 813, 1719, 3630, 15805, 15805)),
        new(
            66,
            [(1, 19), (4, 22), (8, 25)],
            new(432, 481, 603, 685, 817, 910, 1118, 1333, 1622, 2197, 2974, 4819, 5004, 5004, 5004, 5004),
            new(1, 1, 1, 2, 2, 2, 3, 4, 6, 14, 24, 47, 78, 130, 536, 1192),
            new(0, 0, 0, 1, 1, 1, 1, 2, 3, 5, 9, 20, 61, 275, 2800, 2800)),
    ];

    /// <summary>
    /// How much longer or shorter a cell on so many GPUs is than its kind's: sessions with one GPU are the quick tries. It counts
    /// for the minutes behind the first.
    /// </summary>
    internal static double Stretch(int gpus) => gpus switch { 1 => 0.4, 4 => 1.4, _ => 1.2 };
}
