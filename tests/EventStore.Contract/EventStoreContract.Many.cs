using System.Security.Cryptography;
using Xunit;

namespace Elasticity.EventStore.Contract;

public abstract partial class EventStoreContract
{
    [ContractFact]
    public async Task ReadStreams_ReturnsTheBeginningsInTheOrderAskedFor()
    {
        StreamAppend a = Make.Numbers(Id("job/a"), StreamHead.None, 3);
        StreamAppend b = Make.Numbers(Id("job/b"), StreamHead.None, 1);
        StreamAppend c = Make.Append(Id("task/a/1"), StreamHead.None, Make.WithPayloads("one", "two"));
        await AppendedAsync(c, a, b);

        IReadOnlyList<StoredEvent> read = await Store.ReadStreamsAsync(
            [Id("task/a/1"), Id("job/none"), Id("job/b"), Id("job/a")], 2, withAttachments: true, Ct);

        Assert.Equal(
            [("task/a/1", 1L), ("job/b", 1L), ("job/a", 1L), ("job/a", 2L)],
            read.Select(e => (e.Stream.Value, e.Version)));
        AssertSame(c.Events[0], read[0].Record);
        AssertSame(b.Events[0], read[1].Record);
        AssertSame(a.Events[0], read[2].Record);
        AssertSame(a.Events[1], read[3].Record);
    }

    [ContractFact]
    public async Task ReadStreams_OfUnknownStreams_IsEmpty() => Assert.Empty(
        await Store.ReadStreamsAsync([Id("job/none"), Id("job/neither")], 10, withAttachments: true, Ct));

    [ContractFact]
    public async Task ReadStreams_WithoutAttachments_LeavesOnlyThemOut()
    {
        StreamAppend append =
            Make.Append(Id("job/a"), StreamHead.None, Make.WithPayloads("one", "two"), Make.Numbered(2));
        await AppendedAsync(append);

        IReadOnlyList<StoredEvent> read =
            await Store.ReadStreamsAsync([Id("job/a")], 10, withAttachments: false, Ct);

        AssertSame(append.Events[0] with { Attachments = default }, read[0].Record);
        AssertSame(append.Events[1], read[1].Record);
    }

    [ContractFact]
    public async Task ReadStreams_OfManyStreams_ReturnsAllOfThem()
    {
        StreamId[] streams = [.. Enumerable.Range(0, 3_000).Select(i => Id($"job/{i:D5}"))];
        await AppendedAsync(Make.Batch([.. streams.Select(s => Make.Numbers(s, StreamHead.None, 2))]));

        IReadOnlyList<StoredEvent> read = await Store.ReadStreamsAsync(streams, 2, withAttachments: true, Ct);

        Assert.Equal(
            streams.SelectMany(s => (IEnumerable<(StreamId, long)>)[(s, 1), (s, 2)]),
            read.Select(e => (e.Stream, e.Version)));
    }

    [ContractFact]
    public async Task ReadStreams_OfLargeStreams_KeepsThePageSmallAndGoesOn()
    {
        const int StreamCount = 30;
        const int EventBytes = 1_000_000;
        StreamId[] streams = [.. Enumerable.Range(0, StreamCount).Select(i => Id($"job/{i:D2}"))];
        foreach (StreamId stream in streams)
        {
            await AppendedAsync(Make.Append(stream, StreamHead.None, new Make.Body(
                "large-1",
                default,
                Make.Utf8("{}"),
                Attachments.Encode([RandomNumberGenerator.GetBytes(EventBytes)]))));
        }

        List<StreamId> seen = [];
        while (seen.Count < StreamCount)
        {
            IReadOnlyList<StoredEvent> read =
                await Store.ReadStreamsAsync(streams[seen.Count..], 10, withAttachments: true, Ct);
            Assert.InRange(
                read.Sum(e => e.Record.ByteCount), 1, EventStoreArguments.PageBytesMax + 2 * EventBytes);
            seen.AddRange(read.Select(e => e.Stream));
        }

        Assert.Equal(streams, seen);
    }

    [ContractFact]
    public async Task ReadStreams_WithNoOrTooManyStreams_Throws()
    {
        StreamId[] tooMany = [.. Enumerable.Repeat(Id("job/a"), EventStoreArguments.PageMax + 1)];
        foreach (StreamId[] streams in (StreamId[][])[[], tooMany])
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                async () => await Store.ReadStreamsAsync(streams, 1, withAttachments: true, Ct));
        }
    }
}
