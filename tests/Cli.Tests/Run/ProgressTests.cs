using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Run;
using Elasticity.Domain;
using Xunit;

namespace Elasticity.Cli.Tests.Run;

public class ProgressTests
{
    [Fact]
    public void A_bar_shows_share_rate_and_remaining_time() =>
        Assert.Equal(
            "[##############................] 470/1000  47%  52/s  11 s left  4 running  3 failed",
            ProgressBar.ForTerminal(new Progress(1_000, 470, 3, 4, 51.7), 120, hasColor: false));

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(60)]
    public void A_bar_is_never_wider_than_the_terminal(int width) =>
        Assert.InRange(
            ProgressBar.ForTerminal(new Progress(1_000_000, 470_123, 3, 4, 51.7), width, hasColor: false).Length,
            0,
            width);

    [Fact]
    public void A_job_without_tasks_is_done() =>
        Assert.Equal("0/0  100%  0 running", ProgressBar.Counts(new Progress(0, 0, 0, 0, null)));

    [Fact]
    public void What_is_not_yet_due_is_said_when_nothing_runs()
    {
        Progress waits = new(2, 1, 0, 0, null) { Delayed = 1 };

        Assert.Equal("1/2  50%  0 running  1 not yet due", ProgressBar.Counts(waits));
        Assert.Equal("1/2  50%  1 running", ProgressBar.Counts(waits with { Running = 1 }));
    }

    [Theory]
    [InlineData(0.2, "1 s")]
    [InlineData(61, "1 min 01 s")]
    [InlineData(3_660, "1 h 01 min")]
    [InlineData(100_000, "1 d 03 h")]
    public void Durations_are_written_as_people_say_them(double seconds, string text) =>
        Assert.Equal(text, ProgressBar.Of(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("500ms", 0.5)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7_200)]
    [InlineData("1d", 86_400)]
    public void Durations_are_read_as_people_type_them(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Durations.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1 year")]
    [InlineData("1e99d")]
    public void What_is_no_duration_is_none(string text) => Assert.Null(Durations.Parse(text));

    [Fact]
    public void Each_job_has_a_kind_of_its_own_however_long_its_id()
    {
        string kindA = RunIdentity.KindOf(new JobId(new string('x', 127) + "a"));
        string kindB = RunIdentity.KindOf(new JobId(new string('x', 127) + "b"));

        Assert.Equal("exec.nightly", RunIdentity.KindOf(new JobId("nightly")));
        Assert.NotEqual(kindA, kindB);
        Assert.Equal(64, kindA.Length);
    }
}
