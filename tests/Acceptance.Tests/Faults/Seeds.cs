using System.Globalization;

namespace Notebook.Acceptance.Tests.Faults;

/// <summary>Which seeds a test with random faults runs: a fixed one, or those that the environment asks for.</summary>
internal static class Seeds
{
    /// <summary>The first seed, and how many.</summary>
    public static (int First, int Count) Read() => (Number("NOTEBOOK_FAULT_SEED", 1), Number("NOTEBOOK_FAULT_ROUNDS", 1));

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
