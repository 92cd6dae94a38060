namespace Notebook.Grains.Scaling;

/// <summary>What is to be done about a server of ours.</summary>
internal abstract record FleetStep
{
    /// <summary>Begin an operation of the provisioner.</summary>
    public sealed record Operate(ServerId Server, long Operation, bool Add) : FleetStep;

    /// <summary>Empty it.</summary>
    public sealed record Drain(ServerId Server) : FleetStep;
}

/// <summary>What is known of a server elsewhere.</summary>
/// <param name="IsKnown">Whether anything is known of it.</param>
/// <param name="IsUp">Whether it can be used.</param>
/// <param name="IsDraining">Whether it is being emptied.</param>
/// <param name="IsEmpty">Whether it is known that nothing is placed there.</param>
internal readonly record struct ServerFacts(bool IsKnown, bool IsUp, bool IsDraining, bool IsEmpty);
