namespace Notebook.Objects.Chunking;

/// <summary>
/// A random number for each byte value, the same on every agent and for ever: other numbers cut values elsewhere, and
/// nothing that was stored before would be found again.
/// </summary>
internal static class Gear
{
    internal static readonly ulong[] Table = Make(seed: 0x6e6f7465626f6f6b);

    // SplitMix64 (Steele, Lea, Flood 2014): defined by its constants alone, whatever the runtime's own generator does.
    private static ulong[] Make(ulong seed)
    {
        var table = new ulong[256];
        for (var i = 0; i < table.Length; i++)
        {
            seed += 0x9e3779b97f4a7c15;
            var z = seed;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            table[i] = z ^ (z >> 31);
        }
        return table;
    }
}
