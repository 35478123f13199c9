using Xunit;

namespace Elasticity.Architecture.Tests;

/// <summary>What <c>.ci/run</c> says again of the tests that failed, by <c>.ci/failures.sh</c>.</summary>
public class FailureTests
{
    private const string Passed = """
        <UnitTestResult testId="1" testName="Fine" outcome="Passed"><Output><StdOut>a <Message></StdOut></Output>
        """;

    private const string Short = """
        <UnitTestResult testId="2" testName="Too.Short(x: &quot;y&quot;)" duration="00:00" outcome="Failed">
          <Output>
            <ErrorInfo>
              <Message>Assert.True() Failure</Message>
              <StackTrace>   at Somewhere</StackTrace>
            </ErrorInfo>
        """;

    private const string Long = """
        <UnitTestResult testId="3" testName="Long" outcome="Failed">
              <Message>SEED 7 FAILED: one
        two
        three
        four
        five
        six</Message>
        """;

    private const string Aborted = """
        <RunInfos>
          <RunInfo computerName="x" outcome="Error" timestamp="2026-01-01T00:00:00">
            <Text>The active test run was aborted. Reason: Test host process crashed &amp; left</Text>
        """;

    [Fact]
    public void Whatever_failed_is_named_with_the_first_lines_of_why() => Assert.Equal(
        """
        ci: FAILED Too.Short(x: "y")
        ci:   Assert.True() Failure
        ci: FAILED Long
        ci:   SEED 7 FAILED: one
        ci:   two
        ci:   three
        ci:   four
        ci:   five
        ci:   The active test run was aborted. Reason: Test host process crashed & left
        """,
        FailuresIn([Passed, Short, Long, Passed, Aborted]));

    [Fact]
    public void Where_nothing_failed_nothing_is_said() => Assert.Empty(FailuresIn([Passed]));

    private static string FailuresIn(string[] results)
    {
        (string said, int exitCode) = CiScript.Run("failures.sh", "failures_in", results);
        Assert.Equal(0, exitCode);
        return said;
    }
}
