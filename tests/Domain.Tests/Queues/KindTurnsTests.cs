using System.Collections.Immutable;
using Elasticity.Domain.Queues;
using Elasticity.Domain.Tests.Support;
using FsCheck.Fluent;
using Xunit;

namespace Elasticity.Domain.Tests.Queues;

/// <summary>Kinds that an agent takes, in turns.</summary>
public class KindTurnsTests
{
    private static readonly ImmutableArray<string> Offered = ["a", "b", "c", "d"];

    private readonly KindTurns _turns = new();

    [Fact]
    public void Kinds_that_were_never_given_come_first_as_they_are()
    {
        Assert.Equal("b a", Order("b", "a"));

        _turns.Gave("c", Offered);

        Assert.Equal("d b a c", Order("d", "c", "b", "a"));
    }

    [Fact]
    public void What_was_given_last_comes_last()
    {
        _turns.Gave("a", Offered);
        _turns.Gave("b", Offered);
        _turns.Gave("a", Offered);

        Assert.Equal("c d b a", Order("a", "b", "c", "d"));
    }

    [Fact]
    public void A_kind_that_is_not_offered_any_more_is_forgotten()
    {
        _turns.Gave("old", ["old"]);
        _turns.Gave("a", ["a", "b"]);
        _turns.Gave("b", ["a", "b"]);

        Assert.Equal("old a b", Order("b", "a", "old"));
    }

    /// <summary>Of some of the kinds asked for nothing is ready, or a request asks for fewer of them.</summary>
    [Fact]
    public void A_kind_that_is_ready_is_passed_over_by_no_more_requests_than_there_are_others() => Always.Holds(
        Gen.ArrayOf(Gen.SubListOf(Offered.AsEnumerable())).Resize(60),
        requests =>
        {
            KindTurns turns = new();
            Dictionary<string, int> passed = Offered.ToDictionary(k => k, _ => 0);
            foreach (ImmutableArray<string> ready in requests.Select(r => r.ToImmutableArray()))
            {
                if (ready.IsEmpty)
                {
                    continue;
                }

                string given = turns.Order(ready)[0];
                turns.Gave(given, Offered);
                foreach (string kind in ready)
                {
                    passed[kind] = kind == given ? 0 : passed[kind] + 1;
                }
            }

            Assert.All(passed.Values, p => Assert.InRange(p, 0, Offered.Length - 1));
        });

    private string Order(params ImmutableArray<string> kinds) => string.Join(' ', _turns.Order(kinds));
}
