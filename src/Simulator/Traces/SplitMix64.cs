namespace Notebook.Simulator.Traces;

/// <summary>
/// The generator SplitMix64 (Steele, Lea, Flood 2014): defined by its constants alone, so that a seed means the same numbers on
/// every machine and for ever.
/// </summary>
internal sealed class SplitMix64(ulong seed)
{
    private const ulong Step = 0x9e3779b97f4a7c15;
    private ulong _state = seed;

    /// <summary>A stream of its own for each number below a seed, so that what one draws changes nothing for another.</summary>
    internal static SplitMix64 Of(long seed, int stream) => new(new SplitMix64((ulong)seed + Step * (uint)stream).Next());

    /// <summary>The next 64 bits.</summary>
    internal ulong Next()
    {
        _state += Step;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// <summary>The next number of [0, 1), one of 2^53.</summary>
    internal double Share() => (Next() >> 11) * (1.0 / (1L << 53));
}
