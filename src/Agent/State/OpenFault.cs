namespace Notebook.Agent.State;

/// <summary>What a log that cannot be opened needs.</summary>
internal enum OpenFaultKind
{
    /// <summary>Nothing helps here.</summary>
    Final,

    /// <summary>A little time.</summary>
    Passing,

    /// <summary>Another member in its place: it lost what it may have promised, and must never act again.</summary>
    Damaged,
}

/// <summary>Why a replica's log cannot be opened.</summary>
/// <param name="Kind">What it needs.</param>
/// <param name="Reason">Why, for the user.</param>
internal sealed record OpenFault(OpenFaultKind Kind, string Reason);
