using System.Collections.Immutable;

namespace Notebook.Agent.Kernels;

/// <summary>A kernelspec that this server can start.</summary>
/// <param name="Name">Its name, lower-case.</param>
/// <param name="DisplayName">What a launcher shows.</param>
/// <param name="Python">The interpreter.</param>
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
    public const string Language = "python";
}
