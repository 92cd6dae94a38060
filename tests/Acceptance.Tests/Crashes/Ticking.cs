using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Crashes;

/// <summary>A cell that prints for some seconds, so that something can die under it.</summary>
internal static class Ticking
{
    public const int Ticks = 40;

    public const string Code =
        """
        import time
        for tick in range(40):
            print(f"tick {tick};", flush=True)
            time.sleep(0.1)
        """;

    /// <summary>All that the cell prints.</summary>
    public static string Output { get; } = string.Concat(Enumerable.Range(0, Ticks).Select(i => $"tick {i};\n"));

    /// <summary>Submits it and waits until it runs.</summary>
    public static async Task<string> StartAsync(KernelSession session)
    {
        var cell = await session.SubmitAsync(Code);
        await session.OutputOfAsync(cell, "tick 3;");
        return cell;
    }
}
