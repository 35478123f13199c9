using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>The paged array against a plain one.</summary>
public class PersistentArrayProperties
{
    // Pages hold 1,024: a few pages, and changes on both sides of their edges.
    private const int Count = 3_000;

    private static readonly Gen<(int Index, int Value)[][]> Changes = Gen.ArrayOf(Gen.ArrayOf(
        from index in Gen.OneOf(Gen.Choose(0, Count - 1), Gen.Elements(0, 1_023, 1_024, 2_047, 2_048, Count - 1))
        from value in Gen.Choose(0, 9)
        select (index, value)));

    [Fact]
    public void Every_version_stays_what_it_was() =>
        Always.Holds(
            Changes,
            changes =>
            {
                PersistentArray<int> array = PersistentArray<int>.Of(Count, 7);
                int[] plain = [.. Enumerable.Repeat(7, Count)];
                List<(PersistentArray<int> Array, int[] Plain)> versions = [(array, plain)];
                foreach ((int Index, int Value)[] batch in changes)
                {
                    PersistentArray<int>.Builder builder = array.Change();
                    plain = [.. plain];
                    foreach ((int index, int value) in batch)
                    {
                        builder[index] = value;
                        plain[index] = value;
                        Assert.Equal(value, builder[index]);
                    }

                    array = builder.Build();
                    versions.Add((array, plain));
                }

                Assert.All(versions, v => Assert.Equal(v.Plain, Content(v.Array)));
            },
            times: 50);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_024)]
    [InlineData(1_025)]
    public void It_has_as_many_elements_as_asked(int count)
    {
        Assert.Equal(count, PersistentArray<int>.Of(count, 1).Count);
        Assert.Equal(Enumerable.Repeat(1, count), Content(PersistentArray<int>.Of(count, 1)));
    }

    [Fact]
    public void Like_pages_are_one_page_and_the_last_one_is_no_longer_than_it_must_be()
    {
        const int Page = 1_024;
        PersistentArray<byte>.Of(1, 1); // What is made once for all such arrays is made here.

        long before = GC.GetAllocatedBytesForCurrentThread();
        PersistentArray<byte>.Of((3 * Page) + 1, 1);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, Page, (2 * Page) - 1);
    }

    private static IEnumerable<int> Content(PersistentArray<int> array) =>
        Enumerable.Range(0, array.Count).Select(i => array[i]);
}
