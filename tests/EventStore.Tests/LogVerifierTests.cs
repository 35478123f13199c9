using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;
using Xunit;

namespace Elasticity.EventStore.Tests;

public sealed class LogVerifierTests : SqliteTests
{
    private static readonly StreamId Job = new("job/a");

    [Fact]
    public async Task A_sound_store_has_no_fault()
    {
        await AppendSomeAsync();

        VerifyReport report = await VerifyAsync();

        Assert.True(report.IsSound);
        Assert.Equal(4, report.Streams);
        Assert.Equal(1_204, report.Events);
        Assert.Empty(report.Faults);
    }

    [Fact]
    public async Task An_empty_store_has_no_fault()
    {
        VerifyReport report = await LogVerifier.VerifyAsync(new InMemoryEventStore(), string.Empty, null, None);

        Assert.Equal((0, 0, true), (report.Streams, report.Events, report.IsSound));
    }

    [Theory]
    [InlineData("UPDATE events SET content = CAST(replace(content, '600', '601') AS BLOB)", VerifyDifference.Bytes)]
    [InlineData("UPDATE events SET content = NULL", VerifyDifference.Bytes)]
    [InlineData("UPDATE events SET metadata = x'7B7D'", VerifyDifference.Bytes)]
    [InlineData("UPDATE events SET type = 'numbered-2'", VerifyDifference.Bytes)]
    [InlineData("UPDATE events SET attachments = x'000100000041'", VerifyDifference.Bytes)]
    [InlineData("UPDATE events SET attachments = x'0001'", VerifyDifference.Attachments)]
    [InlineData("UPDATE events SET attachments = x'07'", VerifyDifference.Attachments)]
    [InlineData("UPDATE events SET hash = zeroblob(32)", VerifyDifference.Hash)]
    [InlineData("UPDATE events SET hash = zeroblob(31)", VerifyDifference.Unreadable)]
    [InlineData("DELETE FROM events", VerifyDifference.Gap)]
    public async Task A_change_in_the_middle_is_named(string sql, VerifyDifference difference)
    {
        await AppendSomeAsync();
        Tamper($"{sql} WHERE stream = 'job/a' AND version = 600");

        VerifyFault fault = Assert.Single((await VerifyAsync()).Faults);

        Assert.Equal((Job, 600L, difference), (fault.Stream, fault.Version, fault.Difference));
        Assert.NotEmpty(fault.Detail);
    }

    [Theory]
    [InlineData("UPDATE events SET content = x'7B7D'", VerifyDifference.Bytes)]
    [InlineData("UPDATE events SET hash = zeroblob(32)", VerifyDifference.Hash)]
    [InlineData("DELETE FROM events", VerifyDifference.TailMissing)]
    public async Task A_change_at_the_end_is_named(string sql, VerifyDifference difference)
    {
        await AppendSomeAsync();
        Tamper($"{sql} WHERE stream = 'job/a' AND version = 1200");

        VerifyFault fault = Assert.Single((await VerifyAsync()).Faults);

        Assert.Equal((Job, 1_200L, difference), (fault.Stream, fault.Version, fault.Difference));
    }

    [Fact]
    public async Task A_flipped_byte_in_an_attachment_is_named()
    {
        await AppendSomeAsync();
        Tamper(
            """
            UPDATE events SET attachments = CAST(replace(attachments, 'two', 'twO') AS BLOB)
            WHERE stream = 'task/a/0'
            """);

        VerifyFault fault = Assert.Single((await VerifyAsync()).Faults);

        Assert.Equal((new StreamId("task/a/0"), 1L), (fault.Stream, fault.Version));
        Assert.Equal(VerifyDifference.Bytes, fault.Difference);
    }

    [Theory]
    [InlineData("UPDATE streams SET hash = zeroblob(32)", 1_200, VerifyDifference.Head)]
    [InlineData("UPDATE streams SET version = 1300", 1_201, VerifyDifference.TailMissing)]
    [InlineData("UPDATE streams SET version = 1199", 1_199, VerifyDifference.Head)]
    [InlineData("DELETE FROM streams", 1, VerifyDifference.BeyondHead)]
    public async Task A_changed_head_is_named(string sql, long version, VerifyDifference difference)
    {
        await AppendSomeAsync();
        Tamper($"{sql} WHERE name = 'job/a'");

        VerifyFault fault = Assert.Single((await VerifyAsync()).Faults);

        Assert.Equal((Job, version, difference), (fault.Stream, fault.Version, fault.Difference));
    }

    [Fact]
    public async Task A_head_put_back_is_named()
    {
        await AppendSomeAsync();
        Tamper(
            """
            UPDATE streams SET
                version = 1199,
                hash = (SELECT hash FROM events WHERE stream = 'job/a' AND version = 1199)
            WHERE name = 'job/a'
            """);

        VerifyFault fault = Assert.Single((await VerifyAsync()).Faults);

        Assert.Equal((Job, 1_200L), (fault.Stream, fault.Version));
        Assert.Equal(VerifyDifference.BeyondHead, fault.Difference);
    }

    [Fact]
    public async Task Every_stream_with_a_fault_is_counted_and_a_prefix_limits_the_search()
    {
        await AppendSomeAsync();
        Tamper("UPDATE events SET type = 'other-1' WHERE version = 1");

        Assert.Equal(4, (await VerifyAsync()).FaultCount);
        VerifyReport report = await VerifyAsync("task/a/");
        Assert.Equal(["task/a/0", "task/a/1"], report.Faults.Select(f => f.Stream.Value));
        Assert.Equal(2, report.Streams);
    }

    [Fact]
    public async Task Erased_attachments_are_no_fault()
    {
        await AppendSomeAsync();
        await WithStoreAsync(async s =>
        {
            StreamId task = new("task/a/0");
            StoredEvent stored = (await s.ReadStreamAsync(task, 1, 1, withAttachments: true, None))[0];
            ReadOnlyMemory<byte> erased = Attachments.Erase(stored.Record.Attachments, _ => true);
            Assert.True(await s.EraseAttachmentsAsync(task, 1, erased, None));
        });

        Assert.True((await VerifyAsync()).IsSound);
    }

    [Fact]
    public async Task Appends_and_trims_meanwhile_are_no_fault()
    {
        await using SqliteEventStore store = await OpenAsync();
        using CancellationTokenSource end = new();
        Task writer = Task.Run(() => AppendAndTrimAsync(store, end.Token));

        for (int i = 0; i < 20; i++)
        {
            VerifyReport report = await LogVerifier.VerifyAsync(store, string.Empty, null, None);
            Assert.True(report.IsSound, report.Faults.Count > 0 ? report.Faults[0].ToString() : null);
        }

        await end.CancelAsync();
        await writer;
    }

    [Fact]
    public async Task Progress_is_told()
    {
        await AppendSomeAsync();
        Steps steps = new();
        await using SqliteEventStore store = await OpenToLookAsync();

        await LogVerifier.VerifyAsync(store, string.Empty, steps, None);

        Assert.Contains(steps.All, p => p is { Streams: 4, Events: 1_204, FaultCount: 0, IsCrossChecking: false });
        Assert.True(steps.All[^1].IsCrossChecking);
    }

    private static async Task AppendAndTrimAsync(SqliteEventStore store, CancellationToken end)
    {
        StreamHead head = StreamHead.None;
        for (int i = 0; !end.IsCancellationRequested; i++)
        {
            StreamAppend growing = Make.Numbers(Job, head);
            StreamAppend brief = Make.Numbers(new StreamId($"brief/{i}"), StreamHead.None, 2) with { IsOpen = false };
            await AppendAsync(store, growing, brief);
            head = growing.Next;
            if (i % 3 == 0)
            {
                AppendBatch tombstone = Make.Batch(Make.Numbers(new StreamId($"trim/{i}"), StreamHead.None));
                await store.TrimAsync([new StreamInfo(brief.Stream, brief.Next, IsOpen: false)], tombstone, None);
            }
        }
    }

    private Task AppendSomeAsync() => WithStoreAsync(store => AppendAsync(
        store,
        Make.Append(new StreamId("task/a/0"), StreamHead.None, Make.WithPayloads("one", "two"), Make.Numbered(2)),
        Make.Append(new StreamId("task/a/1"), StreamHead.None, Make.WithPayloads("one")),
        Make.Numbers(new StreamId("agent/x"), StreamHead.None),
        Make.Numbers(Job, StreamHead.None, 1_200)));

    private async Task<VerifyReport> VerifyAsync(string prefix = "")
    {
        await using SqliteEventStore store = await OpenToLookAsync();
        return await LogVerifier.VerifyAsync(store, prefix, null, None);
    }

    private sealed class Steps : IProgress<VerifyProgress>
    {
        public List<VerifyProgress> All { get; } = [];

        public void Report(VerifyProgress value) => All.Add(value);
    }
}
