namespace Notebook.Raft;

/// <summary>Names one Raft group: one kernel. A GUID, so that the same kernel has the same group wherever it runs.</summary>
/// <param name="Value">The GUID.</param>
public readonly record struct GroupId(Guid Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Names one member of a group: from 1, handed out by whoever owns the group, never used twice in one group.</summary>
/// <param name="Value">The number; 0 stands for no member.</param>
public readonly record struct MemberId(int Value)
{
    /// <summary>No member: a vote not yet given, a leader not yet known.</summary>
    public static MemberId None => default;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
