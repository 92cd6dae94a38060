using System.Collections.Immutable;

namespace Notebook.Agent.Kernels;

/// <summary>A kernelspec that this server can start.</summary>
/// <param name="Name">Its name, lower-case.</param>
/// <param name="DisplayName">What a launcher shows.</param>
/// <param name="Python">The interpreter; for a kernel that is not ours the one whose fork server starts it.</param>
/// <param name="Flags">Its arguments before <c>-m</c>.</param>
/// <param name="Environment">Variables that the spec sets.</param>
/// <param name="Resources">Logos, by file name.</param>
internal sealed record LaunchableSpec(
    string Name,
    string DisplayName,
    string Python,
    ImmutableArray<string> Flags,
    ImmutableDictionary<string, string> Environment,
    ImmutableDictionary<string, byte[]> Resources)
{
    /// <summary>Its language.</summary>
    public string Language { get; init; } = "python";

    /// <summary>How it starts where its kernel is not ours; null for an ipykernel.</summary>
    public ForeignLaunch? Foreign { get; init; }
}

/// <summary>How a kernel starts that is not ours, as its kernelspec says.</summary>
/// <param name="Arguments">Program and arguments; <c>{connection_file}</c> in them is the connection file's path.</param>
/// <param name="InterruptsByMessage">Whether it takes <c>interrupt_request</c>; else it is interrupted by a signal.</param>
/// <param name="Metadata">The spec's metadata, a JSON object.</param>
internal sealed record ForeignLaunch(ImmutableArray<string> Arguments, bool InterruptsByMessage, string Metadata);
