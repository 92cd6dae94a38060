namespace Notebook.Contracts.Policies;

/// <summary>
/// What all policies have in common. A policy is pure: what it is to look at comes in, its decision goes out, and the same
/// input gives the same answer. It may be called by several threads at once.
/// </summary>
public interface IPolicy
{
    /// <summary>The name by which an operator picks it: lower-case letters, digits and hyphens, at most 64, such as <c>least-loaded</c>.</summary>
    string Name { get; }

    /// <summary>What it does, in one line for <c>notebook policies</c>.</summary>
    string Description => "";
}
