using Xunit;

namespace Elasticity.EventStore.Contract;

public abstract partial class EventStoreContract
{
    [ContractFact]
    public async Task Append_ToNewStream_SetsTheHead()
    {
        StreamAppend append = Make.Numbers(Id("job/a"), StreamHead.None, 3);
        await AppendedAsync(append);

        Assert.Equal(new StreamHead(3, append.Events[2].Hash), await Store.ReadHeadAsync(Id("job/a"), Ct));
        Assert.Equal(3, (await ReadAllAsync(Id("job/a"))).Count);
    }

    [ContractFact]
    public async Task Append_AtTheHead_GoesOn()
    {
        StreamHead head = await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None, 2));
        head = await AppendedAsync(Make.Numbers(Id("job/a"), head, 2));

        Assert.Equal(4, head.Version);
        Assert.Equal(head, await Store.ReadHeadAsync(Id("job/a"), Ct));
        Assert.Equal([1, 2, 3, 4], (await ReadAllAsync(Id("job/a"))).Select(e => e.Version));
    }

    [ContractFact]
    public async Task Append_WithStaleVersion_ReturnsConflict()
    {
        StreamHead first = await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None));
        StreamHead second = await AppendedAsync(Make.Numbers(Id("job/a"), first));

        AppendResult.Conflict conflict = await ConflictAsync(Make.Batch(Make.Numbers(Id("job/a"), first)));

        Assert.Equal(Id("job/a"), conflict.Stream);
        Assert.Equal(second, conflict.Actual);
        Assert.Equal(second, await Store.ReadHeadAsync(Id("job/a"), Ct));
    }

    [ContractFact]
    public async Task Append_ToExistingStreamAsNew_ReturnsConflict()
    {
        StreamHead head = await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None, 2));

        AppendResult.Conflict conflict = await ConflictAsync(Make.Batch(Make.Numbers(Id("job/a"), StreamHead.None)));

        Assert.Equal(head, conflict.Actual);
    }

    [ContractFact]
    public async Task Append_BeyondTheHead_ReturnsConflict()
    {
        StreamHead head = await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None));
        StreamHead notYet = Make.Numbers(Id("job/a"), head).Next;

        AppendResult.Conflict conflict = await ConflictAsync(Make.Batch(Make.Numbers(Id("job/a"), notYet)));

        Assert.Equal(head, conflict.Actual);
    }

    [ContractFact]
    public async Task Append_ToUnknownStreamAsExisting_ReturnsConflict()
    {
        StreamHead imagined = Make.Numbers(Id("job/a"), StreamHead.None).Next;

        AppendResult.Conflict conflict = await ConflictAsync(Make.Batch(Make.Numbers(Id("job/a"), imagined)));

        Assert.Equal(StreamHead.None, conflict.Actual);
        Assert.Empty(await ReadAllAsync(Id("job/a")));
    }

    [ContractFact]
    public async Task Append_WithAnotherPreviousHash_ReturnsConflict()
    {
        StreamHead head = await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None));
        StreamHead other = Make.Append(Id("job/a"), StreamHead.None, Make.Numbered(99)).Next;

        AppendResult.Conflict conflict = await ConflictAsync(Make.Batch(Make.Numbers(Id("job/a"), other)));

        Assert.Equal(head, conflict.Actual);
        Assert.Single(await ReadAllAsync(Id("job/a")));
    }

    [ContractFact]
    public async Task Append_ToSeveralStreams_WritesAll()
    {
        await AppendedAsync(Make.Numbers(Id("task/a/0"), StreamHead.None));
        StreamHead zero = await Store.ReadHeadAsync(Id("task/a/0"), Ct);
        await AppendedAsync(
            Make.Numbers(Id("job/a"), StreamHead.None, 2),
            Make.Numbers(Id("task/a/0"), zero, 3),
            Make.Numbers(Id("task/a/1"), StreamHead.None));

        Assert.Equal(2, (await ReadAllAsync(Id("job/a"))).Count);
        Assert.Equal(4, (await ReadAllAsync(Id("task/a/0"))).Count);
        Assert.Single(await ReadAllAsync(Id("task/a/1")));
    }

    [ContractFact]
    public async Task Append_WithOneStaleStreamOfSeveral_WritesNothing()
    {
        StreamHead head = await AppendedAsync(Closing(Make.Numbers(Id("task/a/1"), StreamHead.None)));
        AppendBatch batch = Make.Batch(
            Make.Numbers(Id("job/a"), StreamHead.None),
            Make.Numbers(Id("task/a/1"), StreamHead.None),
            Make.Numbers(Id("task/a/2"), StreamHead.None)) with
        { Jobs = [Make.Row("a", 1)] };

        AppendResult.Conflict conflict = await ConflictAsync(batch);

        Assert.Equal(Id("task/a/1"), conflict.Stream);
        Assert.Equal(head, conflict.Actual);
        Assert.Empty(await ReadAllAsync(Id("job/a")));
        Assert.Empty(await ReadAllAsync(Id("task/a/2")));
        Assert.Empty(await Store.ListOpenAsync(null, string.Empty, null, 10, Ct));
        Assert.Null(await Store.Jobs.FindAsync("a", Ct));
        Assert.Single(await FollowLogAsync(LogCursor.Start, 1));
        Assert.False(await Store.WasAppendedAsync(batch.Id, Ct));
    }

    [ContractFact]
    public async Task Append_WithSeveralStaleStreams_NamesTheFirst()
    {
        await AppendedAsync(Make.Numbers(Id("z"), StreamHead.None), Make.Numbers(Id("a"), StreamHead.None));

        AppendResult.Conflict conflict = await ConflictAsync(Make.Batch(
            Make.Numbers(Id("new"), StreamHead.None),
            Make.Numbers(Id("z"), StreamHead.None),
            Make.Numbers(Id("a"), StreamHead.None)));

        Assert.Equal(Id("z"), conflict.Stream);
    }

    [ContractFact]
    public async Task Append_CalledAgainWithoutWaiting_KeepsTheOrder()
    {
        List<Task<AppendResult>> appends = [];
        StreamHead head = StreamHead.None;
        for (int i = 0; i < 100; i++)
        {
            StreamAppend append = Make.Numbers(Id("job/a"), head);
            head = append.Next;
            appends.Add(Store.AppendAsync(Make.Batch(append), Ct).AsTask());
        }

        Assert.All(await Task.WhenAll(appends), r => Assert.IsType<AppendResult.Appended>(r));
        Assert.Equal(head, await Store.ReadHeadAsync(Id("job/a"), Ct));
    }

    [ContractFact]
    public async Task Append_BesideAConflict_IsNotHurt()
    {
        await AppendedAsync(Make.Numbers(Id("taken"), StreamHead.None));
        List<Task<AppendResult>> good = [];
        List<Task<AppendResult>> stale = [];
        for (int i = 0; i < 50; i++)
        {
            good.Add(Store.AppendAsync(Make.Batch(Make.Numbers(Id($"good/{i}"), StreamHead.None)), Ct).AsTask());
            stale.Add(Store.AppendAsync(
                Make.Batch(Make.Numbers(Id($"stale/{i}"), StreamHead.None), Make.Numbers(Id("taken"), StreamHead.None)),
                Ct).AsTask());
        }

        Assert.All(await Task.WhenAll(good), r => Assert.IsType<AppendResult.Appended>(r));
        Assert.All(await Task.WhenAll(stale), r => Assert.IsType<AppendResult.Conflict>(r));
        Assert.Equal(50, (await Store.ListStreamsAsync("good/", null, 100, Ct)).Count);
        Assert.Empty(await Store.ListStreamsAsync("stale/", null, 100, Ct));
    }

    [ContractFact]
    public async Task Append_OfManyEvents_SurvivesReopening()
    {
        StreamAppend[] streams =
            [.. Enumerable.Range(0, 500).Select(i => Make.Numbers(Id($"task/a/{i}"), StreamHead.None, 2))];
        await AppendedAsync(streams);

        await ReopenAsync();

        Assert.Equal(1_000, (await FollowLogAsync(LogCursor.Start, 1_000)).Count);
        Assert.Equal(streams[77].Next, await Store.ReadHeadAsync(Id("task/a/77"), Ct));
    }

    [ContractFact]
    public async Task Append_AfterDispose_Throws()
    {
        IEventStore closed = Store;
        await ReopenAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await closed.AppendAsync(Make.Batch(Make.Numbers(Id("job/a"), StreamHead.None)), Ct));
        Assert.Equal(StreamHead.None, await Store.ReadHeadAsync(Id("job/a"), Ct));
    }

    [ContractFact]
    public async Task Dispose_WithAppendsUnderWay_LosesNoAcknowledgedOne()
    {
        Task<AppendResult>[] appends = [.. Enumerable.Range(0, 100).Select(
            i => Store.AppendAsync(Make.Batch(Make.Numbers(Id($"s/{i}"), StreamHead.None)), Ct).AsTask())];
        await ReopenAsync();

        for (int i = 0; i < appends.Length; i++)
        {
            Task<AppendResult> append = appends[i];
            await Task.WhenAny(append);
            if (append.IsCompletedSuccessfully && await append is AppendResult.Appended)
            {
                Assert.Single(await ReadAllAsync(Id($"s/{i}")));
            }
        }
    }

    [ContractFact]
    public async Task Append_OfAMalformedBatch_Throws()
    {
        StreamAppend good = Make.Numbers(Id("job/a"), StreamHead.None);
        AppendBatch[] malformed =
        [
            Make.Batch(),
            Make.Batch(good, Make.Numbers(Id("job/b"), StreamHead.None) with { Events = [] }),
            Make.Batch(good with { Shard = -1 }),
            Make.Batch(good with { Shard = Store.ShardCount }),
        ];

        foreach (AppendBatch batch in malformed)
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await Store.AppendAsync(batch, Ct));
            Assert.False(await Store.WasAppendedAsync(batch.Id, Ct));
        }

        Assert.Empty(await ListedAsync(string.Empty, 10));
    }
}
