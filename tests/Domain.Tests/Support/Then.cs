using Xunit;

namespace Elasticity.Domain.Tests.Support;

/// <summary>What was decided, to be held against what should have been.</summary>
/// <param name="decision">The decision.</param>
internal sealed class Then<TEvent>(Decision<TEvent> decision)
    where TEvent : class
{
    public Decision<TEvent> Decision => decision;

    /// <summary>Accepted, with exactly these events.</summary>
    public Then<TEvent> Records(params TEvent[] events)
    {
        Assert.Null(decision.Rejection);
        AssertSame(events, decision.Events);
        return this;
    }

    /// <summary>Accepted, and nothing to record.</summary>
    public Then<TEvent> ChangesNothing() => Records();

    /// <summary>Refused with a sentence, and with nothing but these events.</summary>
    public Then<TEvent> IsRefused(string code, params TEvent[] events)
    {
        Assert.Equal(code, decision.Rejection?.Code);
        Assert.Matches("^[A-Za-z].+[.]$", decision.Rejection!.Detail);
        AssertSame(events, decision.Events);
        return this;
    }

    /// <summary>Exactly these messages.</summary>
    public Then<TEvent> Tells(params Message[] messages)
    {
        AssertSame(messages, decision.Messages);
        return this;
    }

    public Then<TEvent> Sweeps()
    {
        Assert.True(decision.Sweep);
        return this;
    }

    private static void AssertSame(IEnumerable<object> expected, IEnumerable<object> actual) =>
        Assert.Equal(string.Join("\n", expected.Select(Show.Of)), string.Join("\n", actual.Select(Show.Of)));
}
