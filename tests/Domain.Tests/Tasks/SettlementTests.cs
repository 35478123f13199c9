using Elasticity.Domain.Tasks;
using Xunit;

namespace Elasticity.Domain.Tests.Tasks;

/// <summary>What an agent may say of a task that it had.</summary>
public class SettlementTests
{
    private static readonly Payload Result = Payload.FromJson("123");
    private static readonly Limits Limits = Limits.Default with { PayloadBytesMax = 3, FailureLengthMax = 5 };

    [Fact]
    public void A_result_has_a_limit_whether_the_task_succeeded_or_not()
    {
        Payload tooLarge = Payload.FromJson("1234");

        Assert.Null(new Settlement.Succeeded(Result).Problem(Limits));
        Assert.Null(Failed("c", "m").Problem(Limits));
        Assert.Null(new Settlement.GivenBack().Problem(Limits));
        Assert.Equal("limit-exceeded", new Settlement.Succeeded(tooLarge).Problem(Limits)?.Code);
        Assert.Equal("limit-exceeded", (Failed("c", "m") with { Result = tooLarge }).Problem(Limits)?.Code);
        Assert.Contains("3 bytes, not 4", new Settlement.Succeeded(tooLarge).Problem(Limits)?.Detail);
    }

    [Fact]
    public void The_result_is_what_was_given_and_a_task_given_back_has_none()
    {
        Assert.Equal(Result, new Settlement.Succeeded(Result).ResultOrNone());
        Assert.Equal(Result, Failed("c", "m").ResultOrNone());
        Assert.Equal(Payload.None, new Settlement.GivenBack().ResultOrNone());
    }

    [Theory]
    [InlineData(5, 128, 5, 128)]
    [InlineData(6, 128, 5, 128)]
    [InlineData(5, 129, 5, 128)]
    [InlineData(600, 600, 5, 128)]
    public void A_failure_that_is_too_long_is_cut_and_not_refused(int message, int code, int messageCut, int codeCut)
    {
        Settlement within = Failed(new string('c', code), new string('m', message)).Within(Limits);

        Assert.Equal(Failed(new string('c', codeCut), new string('m', messageCut)), within);
    }

    [Fact]
    public void Nothing_else_is_cut()
    {
        Settlement succeeded = new Settlement.Succeeded(Payload.FromJson("1234567"));

        Assert.Same(succeeded, succeeded.Within(Limits));
    }

    [Fact]
    public void Reports_that_say_something_else_have_another_fingerprint()
    {
        Settlement[] all =
        [
            new Settlement.Succeeded(Result), new Settlement.Succeeded(Payload.None), new Settlement.GivenBack(),
            Failed("c", "m"), Failed("cm", ""), Failed("c", "n"), Failed("d", "m"),
            Failed("c", "m") with { Result = Payload.None },
            new Settlement.Failed(new Failure("c", "m", IsFinal: true), Result),
        ];

        Assert.Equal(all.Length, all.Select(s => s.Fingerprint()).Distinct().Count());
        Assert.Equal(Failed("c", "m").Fingerprint(), Failed("c", "m").Fingerprint());
    }

    private static Settlement.Failed Failed(string code, string message) =>
        new(new Failure(code, message, IsFinal: false), Result);
}
