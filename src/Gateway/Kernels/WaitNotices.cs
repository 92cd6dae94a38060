namespace Notebook.Gateway.Kernels;

/// <summary>Whether the user of a kernel wants to read in a cell's output what it waits for.</summary>
internal static class WaitNotices
{
    /// <summary>The variable of a new kernel that says so: <c>0</c> for no, <c>1</c> for yes, which is the default.</summary>
    public const string Variable = "NOTEBOOK_WAIT_NOTICES";

    /// <summary>What is wrong with a new kernel's variables, or null.</summary>
    public static string? Fault(IReadOnlyDictionary<string, string> environment) =>
        environment.GetValueOrDefault(Variable) is null or "" or "0" or "1" ? null
        : $"{Variable} must be 0 or 1, not '{ResourceRequests.Short(environment[Variable])}'";

    /// <summary>Whether it does.</summary>
    public static bool AreWanted(IReadOnlyDictionary<string, string> environment) => environment.GetValueOrDefault(Variable) != "0";
}
