namespace Notebook.Contracts;

/// <summary>An idle kernel gave its processes back; its log and its large values are where they were.</summary>
/// <param name="Since">When.</param>
/// <param name="Reason">Why.</param>
[GenerateSerializer, Immutable, Alias("notebook.reclaimed")]
public sealed record Reclaimed([property: Id(0)] DateTimeOffset Since, [property: Id(1)] string Reason);
