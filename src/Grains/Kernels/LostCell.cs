namespace Notebook.Grains.Kernels;

/// <summary>What the user of a cell is told that lost its executor and does not count, or may not. No clock, no IO.</summary>
internal static class LostCell
{
    private const string Kept = "The kernel's variables are as the last finished cell left them";

    /// <summary>The kernel's log says that nothing of it counts.</summary>
    public static (CellEndKind Kind, string Reason, bool Failed) Gone(ExecutorLoss loss) => loss.IsNotKept
        ? (CellEndKind.StateNotKept, $"What this cell changed could not be kept: {loss.Reason}. {Kept}; what this cell changed is gone.", true)
        : (CellEndKind.ExecutorLost, $"{Lost(loss)} while this cell ran. {Kept}; what this cell changed is gone. "
            + "It is not run again by itself: run it again if that is safe.", false);

    /// <summary>Nobody could be asked, or found it out.</summary>
    /// <param name="loss">How its executor was lost.</param>
    /// <param name="waited">For how long it was tried.</param>
    /// <param name="why">What the last who was asked said; null when nobody was.</param>
    public static (CellEndKind Kind, string Reason, bool Failed) Unknown(ExecutorLoss loss, TimeSpan waited, string? why)
    {
        var tried = $"Whether what it changed counts could not be found out within {waited.TotalSeconds:0} s: {why ?? "no other replica is up"}. "
            + "Look at the variables before you run it again.";
        return loss.IsNotKept
            ? (CellEndKind.StateNotKept, $"What this cell changed could perhaps not be kept: {loss.Reason}. {tried}", true)
            : (CellEndKind.ExecutorLost, $"{Lost(loss)} while this cell ran. {tried}", false);
    }

    /// <summary>Its kernel is not ours, and there is no copy of what it had.</summary>
    public static (CellEndKind Kind, string Reason, bool Failed) WithVariables(ExecutorLoss loss) => (CellEndKind.ExecutorLost,
        $"{Lost(loss)} while this cell ran, and the kernel's variables with it: a kernel of this kernelspec has no copies on other servers. "
        + "It begins again from nothing.", true);

    /// <summary>A cell behind it, or one whose order had never left.</summary>
    public static string NothingToRunOn(ServerId server, string reason) =>
        $"the kernel process on server {server} is gone ({reason}), and the kernel's variables with it";

    /// <summary>Its order had never left.</summary>
    public static string NotRun(ServerId server, string reason) => $"It has not run: the kernel process on server {server} is gone ({reason}). {Kept}: run it again.";

    private static string Lost(ExecutorLoss loss) => $"The kernel process on server {loss.Server} is gone ({loss.Reason})";
}
