using System.Globalization;
using Xunit.Abstractions;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>
/// Where fuzz tests begin and how long they go on. <c>NOTEBOOK_FUZZ_SEED</c> has a run begin elsewhere, or again where one
/// failed; <c>NOTEBOOK_FUZZ_TIMES</c> has it take so many times as many rounds.
/// </summary>
internal static class Fuzzing
{
    public static int Seed { get; } = Number("NOTEBOOK_FUZZ_SEED", 20261122);

    /// <summary>Says the seed.</summary>
    public static Random Begin(ITestOutputHelper output)
    {
        output.WriteLine($"NOTEBOOK_FUZZ_SEED={Seed}");
        return new Random(Seed);
    }

    public static int Rounds(int usual) => usual * Number("NOTEBOOK_FUZZ_TIMES", 1);

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
