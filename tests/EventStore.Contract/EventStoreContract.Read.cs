using System.Security.Cryptography;
using Xunit;

namespace Elasticity.EventStore.Contract;

public abstract partial class EventStoreContract
{
    [ContractFact]
    public async Task ReadStream_OfAnUnknownStream_IsEmpty()
    {
        Assert.Empty(await Store.ReadStreamAsync(Id("job/none"), 1, 10, withAttachments: true, Ct));
        Assert.Equal(StreamHead.None, await Store.ReadHeadAsync(Id("job/none"), Ct));
    }

    [ContractFact]
    public async Task ReadStream_FromAVersion_BeginsThere()
    {
        StreamHead head = await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None, 10));
        await AppendedAsync(Make.Numbers(Id("job/a"), head, 10));

        Assert.Equal([8, 9, 10, 11], (await ReadAllAsync(Id("job/a"), from: 8)).Select(e => e.Version).Take(4));
        Assert.Single(await Store.ReadStreamAsync(Id("job/a"), 20, 10, withAttachments: true, Ct));
        Assert.Empty(await Store.ReadStreamAsync(Id("job/a"), 21, 10, withAttachments: true, Ct));
    }

    [ContractFact]
    public async Task ReadStream_WithALimit_ReturnsNoMore()
    {
        await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None, 10));

        IReadOnlyList<StoredEvent> page = await Store.ReadStreamAsync(Id("job/a"), 1, 3, withAttachments: true, Ct);

        Assert.InRange(page.Count, 1, 3);
        Assert.Equal(Enumerable.Range(1, page.Count).Select(v => (long)v), page.Select(e => e.Version));
    }

    [ContractFact]
    public async Task ReadStream_OfNeighbours_KeepsThemApart()
    {
        // One name begins with the other, and they differ in case only.
        await AppendedAsync(
            Make.Numbers(Id("task/a/1"), StreamHead.None, 2),
            Make.Numbers(Id("task/a/10"), StreamHead.None, 3),
            Make.Numbers(Id("task/A/1"), StreamHead.None, 4));

        Assert.Equal(2, (await ReadAllAsync(Id("task/a/1"))).Count);
        Assert.Equal(3, (await ReadAllAsync(Id("task/a/10"))).Count);
        Assert.Equal(4, (await ReadAllAsync(Id("task/A/1"))).Count);
    }

    [ContractFact]
    public async Task ReadStream_ReturnsExactlyTheBytesAppended()
    {
        Make.Body[] bodies =
        [
            new(
                "odd-order-1",
                Make.Utf8("""{ "z" :1,  "a":2 }"""),
                Make.Utf8("{\"b\":1,\n \"a\" : 1.50,\"b\":2}"),
                default),
            new("unicode-1", default, Make.Utf8("""{"text":"größer ✓ 𝄞 \u0000"}"""), default),
            new("empty-1", default, default, default),
            new("binary-1", default, RandomNumberGenerator.GetBytes(1_000), Attachments.Encode([default])),
            Make.WithPayloads("one", string.Empty, "three"),
        ];
        StreamAppend append = Make.Append(Id("job/a"), StreamHead.None, bodies);
        await AppendedAsync(append);

        await ReopenAsync();

        List<StoredEvent> read = await ReadAllAsync(Id("job/a"));
        Assert.Equal(append.Events.Count, read.Count);
        for (int i = 0; i < read.Count; i++)
        {
            AssertSame(append.Events[i], read[i].Record);
        }
    }

    [ContractFact]
    public async Task ReadStream_OfLargeEvents_ReturnsAllOfThem()
    {
        Make.Body[] bodies = [.. Enumerable.Range(0, 12).Select(i => new Make.Body(
            "large-1",
            default,
            Make.Utf8("{}"),
            Attachments.Encode([RandomNumberGenerator.GetBytes(1_000_000), RandomNumberGenerator.GetBytes(i)])))];
        StreamAppend append = Make.Append(Id("job/a"), StreamHead.None, bodies);
        await AppendedAsync(append);

        List<StoredEvent> read = await ReadAllAsync(Id("job/a"));
        List<StoredEvent> log = await FollowLogAsync(LogCursor.Start, 12);

        for (int i = 0; i < bodies.Length; i++)
        {
            AssertSame(append.Events[i], read[i].Record);
            AssertSame(append.Events[i], log[i].Record);
        }
    }

    [ContractFact]
    public async Task ReadStream_WithoutAttachments_LeavesOnlyThemOut()
    {
        StreamAppend append =
            Make.Append(Id("job/a"), StreamHead.None, Make.WithPayloads("one", "two"), Make.Numbered(2));
        await AppendedAsync(append);

        List<StoredEvent> read = await ReadAllAsync(Id("job/a"), withAttachments: false);

        AssertSame(append.Events[0] with { Attachments = default }, read[0].Record);
        AssertSame(append.Events[1], read[1].Record);
    }

    [ContractFact]
    public async Task Read_WithACancelledToken_Throws()
    {
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        CancellationToken ct = cancelled.Token;
        Func<Task>[] reads =
        [
            async () => await Store.ReadStreamAsync(Id("job/a"), 1, 1, withAttachments: true, ct),
            async () => await Store.ReadStreamsAsync([Id("job/a")], 1, withAttachments: true, ct),
            async () => await Store.ReadHeadAsync(Id("job/a"), ct),
            async () => await Store.ReadLogAsync(LogCursor.Start, 1, withAttachments: true, ct),
            async () => await Store.ListStreamsAsync(string.Empty, null, 1, ct),
            async () => await Store.ListOpenAsync(null, string.Empty, null, 1, ct),
            async () => await Store.WasAppendedAsync(Guid.NewGuid(), ct),
            async () => await Store.Jobs.ListAsync(new JobFilter(), null, 1, ct),
            async () => await Store.Jobs.FindAsync("a", ct),
        ];

        foreach (Func<Task> read in reads)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(read);
        }
    }

    [ContractFact]
    public async Task Read_WithALimitOutOfRange_Throws()
    {
        foreach (int limit in (int[])[-1, 0, 10_001])
        {
            Func<Task>[] reads =
            [
                async () => await Store.ReadStreamAsync(Id("job/a"), 1, limit, withAttachments: true, Ct),
                async () => await Store.ReadStreamsAsync([Id("job/a")], limit, withAttachments: true, Ct),
                async () => await Store.ReadLogAsync(LogCursor.Start, limit, withAttachments: true, Ct),
                async () => await Store.ListStreamsAsync(string.Empty, null, limit, Ct),
                async () => await Store.ListOpenAsync(null, string.Empty, null, limit, Ct),
                async () => await Store.Jobs.ListAsync(new JobFilter(), null, limit, Ct),
            ];
            foreach (Func<Task> read in reads)
            {
                await Assert.ThrowsAsync<ArgumentOutOfRangeException>(read);
            }
        }
    }
}
