using Xunit;

namespace Elasticity.EventStore.Contract;

public abstract partial class EventStoreContract
{
    [ContractFact]
    public async Task Jobs_WrittenWithTheEvents_AreListed()
    {
        JobRow row = Make.Row("a", 1, name: "Größer ✓");
        await AppendedAsync(Make.Batch(Make.Numbers(Id("job/a"), StreamHead.None)) with { Jobs = [row] });

        await ReopenAsync();

        AssertSame(row, await Store.Jobs.FindAsync("a", Ct));
        AssertSame(row, Assert.Single(await Store.Jobs.ListAsync(new JobFilter(), null, 10, Ct)));
        Assert.Null(await Store.Jobs.FindAsync("A", Ct));
        Assert.Null(await Store.Jobs.FindAsync("b", Ct));
        Assert.False(Store.Jobs.NeedsRebuild);
    }

    [ContractFact]
    public async Task Jobs_NeverGoBackToASmallerVersion()
    {
        await WriteRowsAsync(Make.Row("a", 1, "open", version: 3));
        await WriteRowsAsync(Make.Row("a", 1, "cancelling", version: 2));
        await Store.Jobs.WriteAsync([Make.Row("a", 1, "failing", version: 1)], isLast: false, Ct);
        AssertSame(Make.Row("a", 1, "open", version: 3), await Store.Jobs.FindAsync("a", Ct));

        await WriteRowsAsync(Make.Row("a", 2, "succeeded", version: 4, name: "renamed"));
        AssertSame(
            Make.Row("a", 2, "succeeded", version: 4, name: "renamed"), await Store.Jobs.FindAsync("a", Ct));
        Assert.Single(await Store.Jobs.ListAsync(new JobFilter(), null, 10, Ct));
    }

    [ContractFact]
    public async Task Jobs_AreListedNewestFirstThenById_InPages()
    {
        await WriteRowsAsync(
            Make.Row("b", 5), Make.Row("B", 5), Make.Row("oldest", 1), Make.Row("newest", 9), Make.Row("a", 5));
        string[] expected = ["newest", "B", "a", "b", "oldest"];

        for (int limit = 1; limit <= 6; limit++)
        {
            Assert.Equal(expected, await ListedJobsAsync(new JobFilter(), limit));
        }
    }

    [ContractFact]
    public async Task Jobs_AreFilteredByState()
    {
        await WriteRowsAsync(
            Make.Row("a", 1), Make.Row("b", 2, "succeeded"), Make.Row("c", 3), Make.Row("d", 4, "failed"));

        for (int limit = 1; limit <= 4; limit++)
        {
            Assert.Equal(["c", "a"], await ListedJobsAsync(new JobFilter(State: "open"), limit));
        }

        Assert.Empty(await ListedJobsAsync(new JobFilter(State: "ope"), 10));
        await WriteRowsAsync(Make.Row("a", 1, "succeeded", version: 2));
        Assert.Equal(["c"], await ListedJobsAsync(new JobFilter(State: "open"), 10));
        Assert.Equal(["b", "a"], await ListedJobsAsync(new JobFilter(State: "succeeded"), 10));
    }

    [ContractFact]
    public async Task Jobs_AreSearchedInIdAndName_IgnoringAsciiCase()
    {
        await WriteRowsAsync(
            Make.Row("nightly-2026", 1, name: "Invoices"),
            Make.Row("x_1", 2, name: "Nightly import"),
            Make.Row("x1", 3, "failed", name: "100% done"),
            Make.Row("y", 4, name: @"back\slash Größe"));

        Assert.Equal(["x_1", "nightly-2026"], await ListedJobsAsync(new JobFilter(Search: "NIGHTLY"), 1));
        Assert.Equal(["nightly-2026"], await ListedJobsAsync(new JobFilter(Search: "invoice"), 10));
        Assert.Equal(["x_1"], await ListedJobsAsync(new JobFilter(Search: "X_"), 10));
        Assert.Equal(["x1"], await ListedJobsAsync(new JobFilter(Search: "0% D"), 10));
        Assert.Equal(["y"], await ListedJobsAsync(new JobFilter(Search: @"k\S"), 10));
        Assert.Equal(["y"], await ListedJobsAsync(new JobFilter(Search: "größe"), 10));
        Assert.Equal(["x1"], await ListedJobsAsync(new JobFilter("failed", "X"), 10));
        Assert.Empty(await ListedJobsAsync(new JobFilter("failed", "nightly"), 10));
    }

    [ContractFact]
    public async Task Jobs_Cleared_NeedARebuildUntilTheLastRowsAreWritten()
    {
        await WriteRowsAsync(Make.Row("a", 1), Make.Row("b", 2));
        await Store.Jobs.ClearAsync(Ct);
        Assert.Empty(await ListedJobsAsync(new JobFilter(), 10));

        await Store.Jobs.WriteAsync([Make.Row("a", 1)], isLast: false, Ct);
        await ReopenAsync();
        Assert.True(Store.Jobs.NeedsRebuild);

        await Store.Jobs.WriteAsync([Make.Row("b", 2)], isLast: true, Ct);
        Assert.False(Store.Jobs.NeedsRebuild);
        await ReopenAsync();
        Assert.False(Store.Jobs.NeedsRebuild);
        Assert.Equal(["b", "a"], await ListedJobsAsync(new JobFilter(), 10));
    }

    [ContractFact]
    public async Task Jobs_RebuiltWithoutAnyRow_AreComplete()
    {
        await Store.Jobs.ClearAsync(Ct);
        await Store.Jobs.WriteAsync([], isLast: true, Ct);
        await ReopenAsync();

        Assert.False(Store.Jobs.NeedsRebuild);
    }

    private int _rowsBatches;

    private async Task WriteRowsAsync(params JobRow[] rows)
    {
        _rowsBatches++;
        await AppendedAsync(Make.Batch(Make.Numbers(Id($"rows/{_rowsBatches}"), StreamHead.None)) with { Jobs = rows });
    }

    private async Task<List<string>> ListedJobsAsync(JobFilter filter, int limit)
    {
        List<string> ids = [];
        JobListCursor? after = null;
        while (true)
        {
            IReadOnlyList<JobRow> page = await Store.Jobs.ListAsync(filter, after, limit, Ct);
            Assert.True(page.Count <= limit, "The page is longer than the limit.");
            ids.AddRange(page.Select(r => r.Id));
            if (page.Count < limit)
            {
                return ids;
            }

            after = new JobListCursor(page[^1].CreatedAt, page[^1].Id);
        }
    }
}
