namespace Notebook.Objects.Transfer;

/// <summary>When a chunk's turn comes: by priority, lower first, then in the order in which they came.</summary>
internal readonly record struct Turn(int Priority, long Order) : IComparable<Turn>
{
    public int CompareTo(Turn other) =>
        Priority != other.Priority ? Priority.CompareTo(other.Priority) : Order.CompareTo(other.Order);
}
