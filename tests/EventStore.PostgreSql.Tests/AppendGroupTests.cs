using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

/// <summary>Which appends share a transaction: all of them look before any of them writes.</summary>
public sealed class AppendGroupTests
{
    private readonly AppendGroup _group = new();

    [Fact]
    public void What_one_begins_and_another_needs_absent_is_not_in_one_transaction()
    {
        Assert.True(_group.TryAdd(Begin("a")));
        Assert.False(_group.TryAdd(Begin("b", absent: "a")));
        Assert.True(_group.TryAdd(Begin("b", absent: "c")));
        Assert.True(_group.TryAdd(Begin("c"))); // After it: the look of the one before came first.
    }

    private static AppendRequest Begin(string stream, params string[] absent) => new(
        Make.Batch(Make.Numbers(new StreamId(stream), StreamHead.None)) with
        {
            Absent = [.. absent.Select(a => new StreamId(a))],
        },
        []);
}
