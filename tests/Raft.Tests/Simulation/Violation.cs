namespace Notebook.Raft.Tests.Simulation;

/// <summary>A checker saw a rule broken.</summary>
/// <param name="rule">The rule's name.</param>
/// <param name="found">What was seen.</param>
internal sealed class Violation(string rule, string found) : Exception($"{rule}: {found}")
{
    public string Rule => rule;

    public string Found => found;
}
