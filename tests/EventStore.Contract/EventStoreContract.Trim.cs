using Xunit;

namespace Elasticity.EventStore.Contract;

public abstract partial class EventStoreContract
{
    [ContractFact]
    public async Task EraseAttachments_KeepsTheChain()
    {
        StreamAppend append =
            Make.Append(Id("job/a"), StreamHead.None, Make.WithPayloads("secret", "kept"), Make.Numbered(2));
        StreamHead head = await AppendedAsync(append);
        ReadOnlyMemory<byte> erased = Attachments.Erase(append.Events[0].Attachments, i => i == 0);

        Assert.True(await Store.EraseAttachmentsAsync(Id("job/a"), 1, erased, Ct));
        await ReopenAsync();

        List<StoredEvent> read = await ReadAllAsync(Id("job/a"));
        AssertSame(append.Events[0] with { Attachments = erased }, read[0].Record);
        IReadOnlyList<ReadOnlyMemory<byte>?> payloads = Attachments.Decode(read[0].Record.Attachments);
        Assert.Null(payloads[0]);
        Assert.Equal(Make.Utf8("kept").ToArray(), payloads[1]!.Value.ToArray());
        Assert.True(HashChain.Follows(StreamHead.None, read[0]));
        await AppendedAsync(Make.Numbers(Id("job/a"), head));
    }

    [ContractFact]
    public async Task EraseAttachments_Again_IsHarmless()
    {
        StreamAppend append = Make.Append(Id("job/a"), StreamHead.None, Make.WithPayloads("one", "two"));
        await AppendedAsync(append);
        ReadOnlyMemory<byte> erased = Attachments.Erase(append.Events[0].Attachments, _ => true);

        Assert.True(await Store.EraseAttachmentsAsync(Id("job/a"), 1, erased, Ct));
        Assert.True(await Store.EraseAttachmentsAsync(Id("job/a"), 1, erased, Ct));
    }

    [ContractFact]
    public async Task EraseAttachments_WithOtherDigests_IsRefused()
    {
        StreamAppend append =
            Make.Append(Id("job/a"), StreamHead.None, Make.WithPayloads("one", "two"), Make.Numbered(2));
        await AppendedAsync(append);
        ReadOnlyMemory<byte> other = Attachments.Encode([Make.Utf8("one"), Make.Utf8("three")]);

        Assert.False(await Store.EraseAttachmentsAsync(Id("job/a"), 1, other, Ct));
        Assert.False(await Store.EraseAttachmentsAsync(Id("job/a"), 1, default, Ct));
        Assert.False(await Store.EraseAttachmentsAsync(Id("job/a"), 2, other, Ct));
        AssertSame(append.Events[0], (await ReadAllAsync(Id("job/a")))[0].Record);
    }

    [ContractFact]
    public async Task EraseAttachments_OfAnUnknownEvent_IsRefused()
    {
        StreamAppend append = Make.Append(Id("job/a"), StreamHead.None, Make.WithPayloads("one"));
        await AppendedAsync(append);
        ReadOnlyMemory<byte> erased = Attachments.Erase(append.Events[0].Attachments, _ => true);

        Assert.False(await Store.EraseAttachmentsAsync(Id("job/a"), 2, erased, Ct));
        Assert.False(await Store.EraseAttachmentsAsync(Id("job/b"), 1, erased, Ct));
    }

    [ContractFact]
    public async Task Trim_OfClosedStreams_RemovesThemAndAppendsTheTombstone()
    {
        StreamInfo[] ended = await EndedJobAsync("a");
        StreamInfo[] other = await EndedJobAsync("b");
        AppendBatch tombstone = Make.Batch(Closing(Make.Numbers(Id("trim/a"), StreamHead.None))) with
        {
            Jobs = [Make.Row("a", 1, "trimmed")],
        };

        Assert.IsType<AppendResult.Appended>(await Store.TrimAsync(ended, tombstone, Ct));
        await ReopenAsync();

        Assert.True(await Store.WasAppendedAsync(tombstone.Id, Ct));
        Assert.Equal(
            [.. other.Select(s => s.Stream.Value), "trim/a"], await ListedAsync(string.Empty, 100));
        Assert.Empty(await ReadAllAsync(Id("job/a")));
        Assert.Equal(StreamHead.None, await Store.ReadHeadAsync(Id("task/a/0"), Ct));
        Assert.Equal(6, (await FollowLogAsync(LogCursor.Start, 6)).Count);
        Assert.True((await Store.ReadLogAsync(LogCursor.Start, 100, withAttachments: false, Ct)).IsEnd);
        Assert.Equal("trimmed", (await Store.Jobs.FindAsync("a", Ct))?.State);
    }

    [ContractFact]
    public async Task Trim_OfAnOpenStream_IsAConflictAndChangesNothing()
    {
        StreamInfo[] ended = await EndedJobAsync("a");
        StreamHead open = await AppendedAsync(Make.Numbers(Id("task/a/9"), StreamHead.None));

        StreamInfo known = new(Id("task/a/9"), open, IsOpen: true);
        StreamInfo stale = known with { IsOpen = false };

        await AssertNotTrimmedAsync([.. ended, known], known.Stream, open);
        await AssertNotTrimmedAsync([.. ended, stale], known.Stream, open);
    }

    [ContractFact]
    public async Task Trim_OfAChangedStream_IsAConflictAndChangesNothing()
    {
        StreamInfo[] ended = await EndedJobAsync("a");
        StreamHead changed = await AppendedAsync(Closing(Make.Numbers(ended[1].Stream, ended[1].Head)));

        await AssertNotTrimmedAsync(ended, ended[1].Stream, changed);
    }

    [ContractFact]
    public async Task Trim_OfAnUnknownStream_IsAConflictAndChangesNothing()
    {
        StreamInfo[] ended = await EndedJobAsync("a");
        StreamInfo unknown = new(Id("task/a/9"), ended[0].Head, IsOpen: false);

        await AssertNotTrimmedAsync([.. ended, unknown], unknown.Stream, StreamHead.None);
    }

    [ContractFact]
    public async Task Trim_WithAStaleTombstone_IsAConflictAndChangesNothing()
    {
        StreamInfo[] ended = await EndedJobAsync("a");
        StreamHead head = await AppendedAsync(Closing(Make.Numbers(Id("trim/a"), StreamHead.None)));

        await AssertNotTrimmedAsync(ended, Id("trim/a"), head);
    }

    [ContractFact]
    public async Task Trim_BetweenTwoPages_DoesNotConfuseTheLogCursor()
    {
        StreamInfo[] first = await EndedJobAsync("a");
        await EndedJobAsync("b");
        await FollowLogAsync(LogCursor.Start, 10); // until all are visible
        LogPage page = await Store.ReadLogAsync(LogCursor.Start, 3, withAttachments: true, Ct);

        AppendBatch tombstone = Make.Batch(Closing(Make.Numbers(Id("trim/a"), StreamHead.None)));
        Assert.IsType<AppendResult.Appended>(await Store.TrimAsync(first, tombstone, Ct));

        List<StoredEvent> rest = await FollowLogAsync(page.Next, 6, limit: 2);
        Assert.Equal(
            ["job/b", "task/b/0", "task/b/1", "trim/a"],
            rest.Select(e => e.Stream.Value).Distinct().Order(StringComparer.Ordinal));
    }

    [ContractFact]
    public async Task Append_ToATrimmedStream_BeginsAnew()
    {
        StreamInfo[] ended = await EndedJobAsync("a");
        await Store.TrimAsync(ended, Make.Batch(Closing(Make.Numbers(Id("trim/a"), StreamHead.None))), Ct);

        await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None, 2));

        Assert.Equal([1, 2], (await ReadAllAsync(Id("job/a"))).Select(e => e.Version));
        Assert.Equal(["job/a"], await OpenNamesAsync(null, string.Empty));
    }

    [ContractFact]
    public async Task Append_WhereAStreamMustBeAbsent_IsAConflictWithItAndChangesNothing()
    {
        StreamInfo[] ended = await EndedJobAsync("a");
        AppendBatch late = Make.Batch(
            Make.Numbers(Id("job/a"), StreamHead.None, 2), Make.Numbers(Id("x"), StreamHead.None))
            with { Absent = [Id("trim/b"), Id("trim/a")] };
        StreamAppend tombstone = Closing(Make.Numbers(Id("trim/a"), StreamHead.None));
        await Store.TrimAsync(ended, Make.Batch(tombstone), Ct);

        AppendResult result = await Store.AppendAsync(late, Ct);

        Assert.Equal(new AppendResult.Conflict(Id("trim/a"), tombstone.Next), result);
        Assert.Empty(await ReadAllAsync(Id("job/a")));
        Assert.Empty(await ReadAllAsync(Id("x")));
        Assert.False(await Store.WasAppendedAsync(late.Id, Ct));
    }

    [ContractFact]
    public async Task Append_AtOnce_WhereTheSameStreamMustBeAbsent_AreAllAppended()
    {
        AppendBatch[] batches =
        [
            .. Enumerable.Range(0, 20).Select(i => Make.Batch(Make.Numbers(Id($"task/a/{i}"), StreamHead.None))
                with { Absent = [Id("trim/a")] }),
        ];

        AppendResult[] results = await Task.WhenAll(batches.Select(b => Store.AppendAsync(b, Ct).AsTask()));

        Assert.All(results, r => Assert.IsType<AppendResult.Appended>(r));
        Assert.Empty(await ReadAllAsync(Id("trim/a")));
    }

    private async Task<StreamInfo[]> EndedJobAsync(string job)
    {
        StreamAppend[] streams =
        [
            Closing(Make.Numbers(Id($"job/{job}"), StreamHead.None, 2)),
            Closing(Make.Numbers(Id($"task/{job}/0"), StreamHead.None, 2)),
            Closing(Make.Append(Id($"task/{job}/1"), StreamHead.None, Make.WithPayloads("result"))),
        ];
        await AppendedAsync(streams);
        return [.. streams.Select(s => new StreamInfo(s.Stream, s.Next, IsOpen: false))];
    }

    private async Task AssertNotTrimmedAsync(StreamInfo[] streams, StreamId culprit, StreamHead actual)
    {
        List<string> before = await ListedAsync(string.Empty, 100);
        long events = await ChainCheck.VerifyAsync(Store, Ct);
        AppendBatch tombstone = Make.Batch(Closing(Make.Numbers(Id("trim/a"), StreamHead.None)));

        AppendResult.Conflict conflict =
            Assert.IsType<AppendResult.Conflict>(await Store.TrimAsync(streams, tombstone, Ct));

        Assert.Equal(culprit, conflict.Stream);
        Assert.Equal(actual, conflict.Actual);
        Assert.Equal(before, await ListedAsync(string.Empty, 100));
        Assert.Equal(events, await ChainCheck.VerifyAsync(Store, Ct));
        Assert.False(await Store.WasAppendedAsync(tombstone.Id, Ct));
    }
}
