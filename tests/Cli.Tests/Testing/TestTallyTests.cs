using Notebook.Cli.Testing;
using Xunit;

namespace Notebook.Cli.Tests.Testing;

public sealed class TestTallyTests
{
    private const string Trx = """
        <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
          <UnitTestResult testName="A.passes" outcome="Passed" />
          <UnitTestResult testName="A.is_skipped" outcome="NotExecuted" />
          <UnitTestResult testName="A.fails" outcome="Failed">
            <Output><ErrorInfo><Message>expected 1</Message><StackTrace>at A.fails()</StackTrace></ErrorInfo></Output>
          </UnitTestResult>
        </Results></TestRun>
        """;

    [Fact]
    public void A_result_file_is_counted_and_failures_are_told_in_full()
    {
        var tally = TestTally.Parse(Trx)!;
        Assert.Equal("1 passed, 1 failed, 1 skipped", tally.Summary);
        Assert.Equal(new TestFailure("A.fails", "expected 1\nat A.fails()"), Assert.Single(tally.Failures));
        Assert.False(tally.IsGood);
    }

    [Fact]
    public void No_test_at_all_is_not_good() => Assert.False(TestTally.None.IsGood);

    [Fact]
    public void What_is_no_result_file_is_none() => Assert.Null(TestTally.Parse("<TestRun"));
}
