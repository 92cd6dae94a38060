using System.Collections.Immutable;

namespace Notebook.Cli.Supervision;

/// <summary>A process to keep running.</summary>
/// <param name="Role"><c>silo</c>, <c>gateway</c> or <c>agent</c>.</param>
/// <param name="Id">Its name among all of them.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Command">Program and arguments. Secrets are not among them: other users can read a command line.</param>
/// <param name="Environment">What is added to its environment.</param>
internal sealed record ChildSpec(
    string Role,
    string Id,
    string Address,
    ImmutableArray<string> Command,
    ImmutableDictionary<string, string> Environment);

/// <summary>In which order roles end: who asks first, who answers last.</summary>
internal static class EndOrder
{
    /// <summary>The place of a role, from 0.</summary>
    public static int Of(string role) => role switch { "gateway" => 0, "agent" => 1, _ => 2 };
}

/// <summary>What a child is doing.</summary>
internal enum ChildState
{
    /// <summary>Started, and not ready yet.</summary>
    Starting,

    /// <summary>It said that it is ready.</summary>
    Up,

    /// <summary>It died and waits for its next start.</summary>
    Restarting,

    /// <summary>It failed too often, and was given up.</summary>
    Failed,

    /// <summary>It was told to end, and did.</summary>
    Stopped,
}
