using System.Collections.Immutable;
using System.Xml;
using System.Xml.Linq;

namespace Notebook.Cli.Testing;

/// <summary>A test that failed.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Story">Message and stack trace.</param>
internal sealed record TestFailure(string Name, string Story);

/// <summary>How a run of tests ended.</summary>
/// <param name="Passed">Tests that passed.</param>
/// <param name="Skipped">Tests that were skipped.</param>
/// <param name="Failures">Tests that failed.</param>
internal sealed record TestTally(int Passed, int Skipped, ImmutableArray<TestFailure> Failures)
{
    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <summary>No test at all.</summary>
    public static TestTally None { get; } = new(0, 0, []);

    /// <summary>Whether all is well: something ran, and nothing failed.</summary>
    public bool IsGood => Passed > 0 && Failures.IsEmpty;

    /// <summary>The line that programs read.</summary>
    public string Summary => $"{Passed} passed, {Failures.Length} failed, {Skipped} skipped";

    /// <summary>Both together.</summary>
    public TestTally Plus(TestTally other) => new(Passed + other.Passed, Skipped + other.Skipped, Failures.AddRange(other.Failures));

    /// <summary>Reads a result file of the test platform (TRX); null when it is none.</summary>
    public static TestTally? Parse(string trx)
    {
        try
        {
            var results = XDocument.Parse(trx).Descendants(Trx + "UnitTestResult").ToList();
            return new TestTally(
                results.Count(r => Outcome(r) == "Passed"),
                results.Count(r => Outcome(r) == "NotExecuted"),
                [.. results.Where(r => Outcome(r) is not ("Passed" or "NotExecuted")).Select(Failure)]);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static string? Outcome(XElement result) => (string?)result.Attribute("outcome");

    private static TestFailure Failure(XElement result)
    {
        var error = result.Element(Trx + "Output")?.Element(Trx + "ErrorInfo");
        return new TestFailure(
            (string?)result.Attribute("testName") ?? "a test without a name",
            $"{error?.Element(Trx + "Message")?.Value.Trim()}\n{error?.Element(Trx + "StackTrace")?.Value.TrimEnd()}".Trim());
    }
}
