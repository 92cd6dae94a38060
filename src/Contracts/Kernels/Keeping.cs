namespace Notebook.Contracts;

/// <summary>What a cell's acknowledgement waits for.</summary>
public enum Durability
{
    /// <summary>That a majority of the kernel's servers has what the cell changed in its log; large values follow beside it.</summary>
    State,

    /// <summary>That a majority of them has the large values too that it names.</summary>
    All,
}

/// <summary>What a standby does with the kernel's state. Its log and its large values are on its server in each mode.</summary>
public enum StandbyMode
{
    /// <summary>Its process is up, and takes changes in as they come.</summary>
    Hot,

    /// <summary>Its process is up, and takes changes in when it is needed.</summary>
    Warm,

    /// <summary>It has no process until it is needed.</summary>
    Cold,
}

/// <summary>How the state of one kernel is to be kept; what is null is as the platform's operator chose it.</summary>
/// <param name="Durability">What a cell's acknowledgement waits for.</param>
/// <param name="Standby">What its standbys do.</param>
[GenerateSerializer, Immutable, Alias("notebook.keeping-request")]
public sealed record KeepingRequest([property: Id(0)] Durability? Durability, [property: Id(1)] StandbyMode? Standby)
{
    /// <summary>As the operator chose it.</summary>
    public static KeepingRequest Default { get; } = new(null, null);

    /// <summary>This, but for what a later request names.</summary>
    public KeepingRequest With(KeepingRequest later) => new(later.Durability ?? Durability, later.Standby ?? Standby);
}

/// <summary>How the state of a kernel is kept.</summary>
/// <param name="Durability">What a cell's acknowledgement waits for.</param>
/// <param name="Standby">What its standbys do.</param>
[GenerateSerializer, Immutable, Alias("notebook.keeping")]
public sealed record Keeping([property: Id(0)] Durability Durability, [property: Id(1)] StandbyMode Standby);
