using Xunit;

namespace Elasticity.EventStore.Contract;

public abstract partial class EventStoreContract
{
    // Ordinal order is not what a database that knows languages would say.
    private static readonly string[] AwkwardNames =
        ["agent/x", "job/-", "job/.", "job/B", "job/_", "job/a", "job/a-b", "job/aXb", "job/a_b", "job/b", "task/a/1",
            "task/a/10", "task/a/2"];

    [ContractFact]
    public async Task ListStreams_ByPrefix_IsInOrdinalOrder()
    {
        await AppendedAsync([.. AwkwardNames.Reverse().Select(n => Make.Numbers(Id(n), StreamHead.None))]);

        Assert.Equal(AwkwardNames, await ListedAsync(string.Empty, 100));
        Assert.Equal(AwkwardNames[1..10], await ListedAsync("job/", 100));
        Assert.Equal(["job/a_b"], await ListedAsync("job/a_", 100));
        Assert.Empty(await ListedAsync("job/%", 100));
        Assert.Empty(await ListedAsync("zzz", 100));
    }

    [ContractFact]
    public async Task ListStreams_InPages_MissesAndRepeatsNothing()
    {
        await AppendedAsync([.. AwkwardNames.Select(n => Make.Numbers(Id(n), StreamHead.None))]);

        for (int limit = 1; limit <= AwkwardNames.Length + 1; limit++)
        {
            Assert.Equal(AwkwardNames, await ListedAsync(string.Empty, limit));
            Assert.Equal(AwkwardNames[10..], await ListedAsync("task/a/", limit));
        }
    }

    [ContractFact]
    public async Task ListStreams_TellsHeadAndWhetherOpen()
    {
        StreamHead open = await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None, 3));
        StreamHead closed = await AppendedAsync(Closing(Make.Numbers(Id("job/b"), StreamHead.None, 2)));

        Assert.Equal(
            [new StreamInfo(Id("job/a"), open, true), new StreamInfo(Id("job/b"), closed, false)],
            await Store.ListStreamsAsync(string.Empty, null, 10, Ct));
    }

    [ContractFact]
    public async Task ListOpen_FollowsTheLastAppend()
    {
        StreamHead head = await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None));
        Assert.Equal([new StreamInfo(Id("job/a"), head, true)], await OpenAsync());

        head = await AppendedAsync(Closing(Make.Numbers(Id("job/a"), head)));
        Assert.Empty(await OpenAsync());

        head = await AppendedAsync(Make.Numbers(Id("job/a"), head, 2));
        Assert.Equal([new StreamInfo(Id("job/a"), head, true)], await OpenAsync());
    }

    [ContractFact]
    public async Task ListOpen_OfAStreamBornClosed_LeavesItOut()
    {
        await AppendedAsync(Closing(Make.Numbers(Id("job/a"), StreamHead.None)));

        Assert.Empty(await OpenAsync());
    }

    [ContractFact]
    public async Task ListOpen_ByShard_ListsOnlyThatShard()
    {
        int last = Store.ShardCount - 1;
        await AppendedAsync(
            Make.Numbers(Id("job/a"), StreamHead.None) with { Shard = 0 },
            Make.Numbers(Id("job/b"), StreamHead.None) with { Shard = last },
            Make.Numbers(Id("task/b/0"), StreamHead.None) with { Shard = last },
            Closing(Make.Numbers(Id("task/b/1"), StreamHead.None) with { Shard = last }));

        await ReopenAsync();

        Assert.Equal(["job/a"], await OpenNamesAsync(0, string.Empty));
        Assert.Equal(["job/b", "task/b/0"], await OpenNamesAsync(last, string.Empty));
        Assert.Equal(["task/b/0"], await OpenNamesAsync(last, "task/"));
        Assert.Empty(await OpenNamesAsync(1, string.Empty));
    }

    [ContractFact]
    public async Task ListOpen_OfAllShards_IsInOrdinalOrderInPages()
    {
        await AppendedAsync([.. AwkwardNames.Select(n => Make.Numbers(Id(n), StreamHead.None))]);
        await AppendedAsync(Closing(Make.Numbers(Id("job/closed"), StreamHead.None)));

        for (int limit = 1; limit <= AwkwardNames.Length + 1; limit++)
        {
            Assert.Equal(AwkwardNames, await PagesAsync(
                limit, after => Store.ListOpenAsync(null, string.Empty, after, limit, Ct)));
            Assert.Equal(AwkwardNames[1..10], await PagesAsync(
                limit, after => Store.ListOpenAsync(null, "job/", after, limit, Ct)));
        }
    }

    [ContractFact]
    public async Task ListOpen_OfOneShard_IsInOrdinalOrderInPages()
    {
        await AppendedAsync([.. AwkwardNames.Select(n => Make.Numbers(Id(n), StreamHead.None) with { Shard = 5 })]);

        for (int limit = 1; limit <= AwkwardNames.Length + 1; limit++)
        {
            Assert.Equal(AwkwardNames, await PagesAsync(
                limit, after => Store.ListOpenAsync(5, string.Empty, after, limit, Ct)));
        }
    }

    private async Task<IReadOnlyList<StreamInfo>> OpenAsync() =>
        await Store.ListOpenAsync(null, string.Empty, null, 100, Ct);

    private async Task<IEnumerable<string>> OpenNamesAsync(int? shard, string prefix) =>
        (await Store.ListOpenAsync(shard, prefix, null, 100, Ct)).Select(s => s.Stream.Value);

    private Task<List<string>> ListedAsync(string prefix, int limit) =>
        PagesAsync(limit, after => Store.ListStreamsAsync(prefix, after, limit, Ct));

    private static async Task<List<string>> PagesAsync(
        int limit, Func<StreamId?, ValueTask<IReadOnlyList<StreamInfo>>> list)
    {
        List<string> names = [];
        StreamId? after = null;
        while (true)
        {
            IReadOnlyList<StreamInfo> page = await list(after);
            Assert.True(page.Count <= limit, "The page is longer than the limit.");
            names.AddRange(page.Select(s => s.Stream.Value));
            if (page.Count < limit)
            {
                return names;
            }

            after = page[^1].Stream;
        }
    }
}
