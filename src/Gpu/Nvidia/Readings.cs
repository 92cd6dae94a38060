using System.Collections.Immutable;

namespace Notebook.Gpu.Nvidia;

/// <summary>
/// Reads figures of one GPU, and keeps what could not be read. Once the GPU is lost it is asked nothing more: each further
/// question may take long, and an answer would mean nothing.
/// </summary>
/// <param name="device">The GPU's handle.</param>
internal sealed class Readings(nint device)
{
    private readonly List<MissingReading> _missing = [];

    /// <summary>Why the GPU is lost; null while it answers.</summary>
    public GpuFault? Lost { get; private set; }

    /// <summary>What could not be read.</summary>
    public ImmutableArray<MissingReading> Missing => [.. _missing];

    /// <summary>Asks for a figure; null when there is none.</summary>
    public T? Value<T>(string what, Func<nint, Answer<T>> ask) where T : struct => Try(what, ask, out var value) ? value : null;

    /// <summary>Asks for a text; null when there is none.</summary>
    public string? Text(string what, Func<nint, Answer<string>> ask) => Try(what, ask, out var text) ? text : null;

    private bool Try<T>(string what, Func<nint, Answer<T>> ask, out T value)
    {
        value = default!;
        if (Lost is not null) return false;
        var answer = ask(device);
        value = answer.Value;
        if (answer.Fault is null) return true;
        if (answer.Fault is GpuFault.GpuLost) Lost = answer.Fault;
        _missing.Add(new(what, answer.Fault));
        return false;
    }
}
