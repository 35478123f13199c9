using System.Diagnostics;
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

    [Fact]
    public void Whatever_failed_is_named_with_the_first_lines_of_why() => Assert.Equal(
        """
        ci: FAILED Too.Short(x: &quot;y&quot;)
        ci:   Assert.True() Failure
        ci: FAILED Long
        ci:   SEED 7 FAILED: one
        ci:   two
        ci:   three
        ci:   four
        ci:   five
        """,
        FailuresIn([Passed, Short, Long, Passed]));

    [Fact]
    public void Where_nothing_failed_nothing_is_said() => Assert.Empty(FailuresIn([Passed]));

    private static string FailuresIn(string[] results)
    {
        string file = Path.Combine(AppContext.BaseDirectory, $"results-{Guid.NewGuid():N}.trx");
        File.WriteAllLines(file, results);
        const string Script = "set -euo pipefail; . .ci/failures.sh; failures_in \"$1\"";
        ProcessStartInfo start = new("bash", ["-c", Script, "bash", file])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
        };
        using Process bash = Process.Start(start)!;
        string said = bash.StandardOutput.ReadToEnd().Trim();
        bash.WaitForExit();
        Assert.Equal(0, bash.ExitCode);
        File.Delete(file);
        return said;
    }
}
