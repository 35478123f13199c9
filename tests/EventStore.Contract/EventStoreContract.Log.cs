using Xunit;

namespace Elasticity.EventStore.Contract;

public abstract partial class EventStoreContract
{
    [ContractFact]
    public async Task ReadLog_OfAnEmptyStore_IsEmptyAndAtTheEnd()
    {
        LogPage page = await Store.ReadLogAsync(LogCursor.Start, 10, withAttachments: true, Ct);

        Assert.Empty(page.Events);
        Assert.Equal(LogCursor.Start, page.Next);
        Assert.True(page.IsEnd);
    }

    [ContractFact]
    public async Task ReadLog_InPages_MissesAndRepeatsNothing()
    {
        StreamHead head = await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None, 5));
        await AppendedAsync(Make.Numbers(Id("job/b"), StreamHead.None, 3), Make.Numbers(Id("job/a"), head, 4));
        List<StoredEvent> all = await FollowLogAsync(LogCursor.Start, 12);
        AssertEachOnceInOrder(all, 12);

        for (int limit = 1; limit <= 13; limit++)
        {
            List<StoredEvent> paged = await FollowLogAsync(LogCursor.Start, 12, limit);
            Assert.Equal(all.Select(e => (e.Stream, e.Version)), paged.Select(e => (e.Stream, e.Version)));
        }
    }

    [ContractFact]
    public async Task ReadLog_TellsWhetherThereIsMore()
    {
        await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None, 10));
        await FollowLogAsync(LogCursor.Start, 10); // until all are visible

        LogPage first = await Store.ReadLogAsync(LogCursor.Start, 5, withAttachments: true, Ct);
        LogPage second = await Store.ReadLogAsync(first.Next, 5, withAttachments: true, Ct);
        LogPage third = await Store.ReadLogAsync(second.Next, 5, withAttachments: true, Ct);

        Assert.False(first.IsEnd);
        Assert.Equal(5, second.Events.Count);
        Assert.True(second.IsEnd);
        Assert.Empty(third.Events);
        Assert.True(third.IsEnd);
        Assert.Equal(second.Next, third.Next);
    }

    [ContractFact]
    public async Task ReadLog_FromTheEnd_GoesOnAfterReopening()
    {
        StreamHead head = await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None, 3));
        await FollowLogAsync(LogCursor.Start, 3);
        LogPage page = await Store.ReadLogAsync(LogCursor.Start, 10, withAttachments: true, Ct);

        await ReopenAsync();
        await AppendedAsync(Make.Numbers(Id("job/a"), head, 2));

        Assert.Equal([4, 5], (await FollowLogAsync(page.Next, 2)).Select(e => e.Version));
    }

    [ContractFact]
    public async Task ReadLog_FromBeyondTheEnd_IsRefused()
    {
        StreamHead head = await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None, 3));
        await FollowLogAsync(LogCursor.Start, 3);
        LogCursor end = (await Store.ReadLogAsync(LogCursor.Start, 10, withAttachments: true, Ct)).Next;
        await AppendedAsync(Make.Numbers(Id("job/a"), head, 2));
        await FollowLogAsync(end, 2);
        LogCursor later = (await Store.ReadLogAsync(end, 10, withAttachments: true, Ct)).Next;
        LogCursor beyond = new(string.Concat("9", later.Value)); // "27" becomes "927", "740.2" becomes "9740.2".

        LogPage last = await Store.ReadLogAsync(later, 10, withAttachments: true, Ct);
        CursorUnknownException refused = await Assert.ThrowsAsync<CursorUnknownException>(
            async () => await Store.ReadLogAsync(beyond, 10, withAttachments: true, Ct));

        Assert.Empty(last.Events);
        Assert.Equal(later, last.Next);
        Assert.Contains(beyond.Value, refused.Message);
    }

    [ContractFact]
    public async Task ReadLog_ReturnsTheSameRecordsAsTheStream()
    {
        StreamAppend append = Make.Append(Id("job/a"), StreamHead.None, Make.WithPayloads("x", "y"), Make.Numbered(2));
        await AppendedAsync(append);

        List<StoredEvent> whole = await FollowLogAsync(LogCursor.Start, 2);
        List<StoredEvent> bare = await FollowLogAsync(LogCursor.Start, 2, withAttachments: false);

        AssertSame(append.Events[0], whole[0].Record);
        AssertSame(append.Events[1], whole[1].Record);
        AssertSame(append.Events[0] with { Attachments = default }, bare[0].Record);
    }

    [ContractFact]
    public async Task ReadLog_Cursor_IsPrintableAscii()
    {
        await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None));
        await FollowLogAsync(LogCursor.Start, 1);

        LogPage page = await Store.ReadLogAsync(LogCursor.Start, 10, withAttachments: true, Ct);

        Assert.NotEmpty(page.Next.Value);
        Assert.All(page.Next.Value, c => Assert.InRange(c, ' ', '~'));
    }

    [ContractFact]
    public async Task ReadLog_WhileEightWritersAppend_SeesEveryEventOnceAndEachStreamInOrder()
    {
        const int Writers = 8;
        const int BatchesEach = 40;
        const int EventsEach = BatchesEach * 3;
        Task<List<StoredEvent>> follower = FollowLogAsync(LogCursor.Start, Writers * EventsEach, limit: 17);
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteAsync(w, BatchesEach), Ct))];

        await Task.WhenAll(writers);
        List<StoredEvent> seen = await follower;

        AssertEachOnceInOrder(seen, Writers * EventsEach);
    }

    [ContractFact]
    public async Task Append_FromManyThreadsToOneStream_LetsOneWinEachVersion()
    {
        const int Writers = 8;
        const int AppendsEach = 20;
        int conflicts = 0;

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(
            async () =>
            {
                for (int won = 0; won < AppendsEach;)
                {
                    StreamHead head = await Store.ReadHeadAsync(Id("hot"), Ct);
                    AppendResult result = await Store.AppendAsync(Make.Batch(Make.Numbers(Id("hot"), head)), Ct);
                    won += result is AppendResult.Appended ? 1 : 0;
                    Interlocked.Add(ref conflicts, result is AppendResult.Conflict ? 1 : 0);
                }
            },
            Ct)));

        Assert.Equal(Writers * AppendsEach, (await Store.ReadHeadAsync(Id("hot"), Ct)).Version);
        Assert.Equal(Writers * AppendsEach, (await ReadAllAsync(Id("hot"))).Count);
    }

    // Each batch goes to a stream of the writer's own, one event, and to a stream that is new, two events.
    private async Task WriteAsync(int writer, int batches)
    {
        StreamHead own = StreamHead.None;
        for (int i = 0; i < batches; i++)
        {
            StreamAppend append = Make.Numbers(Id($"own/{writer}"), own);
            await AppendedAsync(append, Make.Numbers(Id($"new/{writer}/{i}"), StreamHead.None, 2));
            own = append.Next;
        }
    }

    private static void AssertEachOnceInOrder(List<StoredEvent> events, int count)
    {
        Assert.Equal(count, events.Count);
        Dictionary<StreamId, long> versions = [];
        foreach (StoredEvent stored in events)
        {
            long before = versions.GetValueOrDefault(stored.Stream);
            Assert.True(
                stored.Version == before + 1,
                $"{stored.Stream}: version {stored.Version} came after version {before}.");
            versions[stored.Stream] = stored.Version;
        }
    }
}
