using Elasticity.EventStore.Contract;
using Npgsql;
using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

[RequiresEnvironment(PostgreSqlFixture.Variable, PostgreSqlFixture.Meaning)]
public sealed class LogTests : PostgreSqlTest
{
    [ContractFact]
    public async Task A_transaction_that_commits_late_is_not_skipped()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        (NpgsqlConnection late, NpgsqlTransaction open) = await BeginAsync();
        await RunAsync(late, Insert("late"));
        await Fixture.ExecuteAsync(Insert("early"));

        LogPage before = await store.ReadLogAsync(LogCursor.Start, 10, withAttachments: false, Ct);
        LogLag lag = await store.ReadLogLagAsync(Ct);
        await open.CommitAsync(Ct);

        Assert.Empty(before.Events);
        Assert.True(before.IsEnd);
        Assert.Equal(1, lag.Events);
        Assert.True(lag.Transactions > 0);
        Assert.Equal(["late", "early"], await FollowAsync(store, before.Next, 2));
        Assert.Equal(0, (await store.ReadLogLagAsync(Ct)).Events);
    }

    [ContractFact]
    public async Task A_transaction_that_comes_to_nothing_holds_nothing_back()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        (NpgsqlConnection late, NpgsqlTransaction open) = await BeginAsync();
        await RunAsync(late, Insert("never"));
        await Fixture.ExecuteAsync(Insert("early"));

        await open.RollbackAsync(Ct);

        Assert.Equal(["early"], await FollowAsync(store, LogCursor.Start, 1));
    }

    [ContractFact]
    public async Task What_the_owner_committed_is_read_at_once_whatever_strangers_leave_open()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        (NpgsqlConnection stranger, _) = await BeginAsync();
        await RunAsync(stranger, "SELECT pg_current_xact_id()");

        await AppendedAsync(store, "job/a");

        LogPage page = await store.ReadLogAsync(LogCursor.Start, 10, withAttachments: false, Ct);
        Assert.Equal("job/a", Assert.Single(page.Events).Stream.Value);
        Assert.Equal(0, (await store.ReadLogLagAsync(Ct)).Events);
    }

    [ContractFact]
    public async Task A_commit_under_way_shows_nothing_and_is_read_afterwards_in_its_place()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        await AppendedAsync(store, "job/a");
        (NpgsqlConnection other, NpgsqlTransaction underWay) = await BeginAsync();
        await RunAsync(other, $"SELECT lock_owner({await EpochAsync()})");
        await RunAsync(other, Insert("job/b"));
        Task<AppendResult> append = store.AppendAsync(Numbers("job/c"), Ct).AsTask();
        await WaitingBackendAsync("SELECT batch, stream");

        LogPage before = await store.ReadLogAsync(LogCursor.Start, 10, withAttachments: false, Ct);
        await underWay.CommitAsync(Ct);
        Assert.IsType<AppendResult.Appended>(await append);

        Assert.Equal("job/a", Assert.Single(before.Events).Stream.Value);
        Assert.Equal(["job/b", "job/c"], await FollowAsync(store, before.Next, 2));
    }

    [ContractFact]
    public async Task A_store_restored_from_a_dump_goes_on_behind_its_last_event()
    {
        PostgreSqlEventStore old = await OpenAsync("host-a");
        await AppendedAsync(old, "job/a");
        await AppendedAsync(old, "job/b");
        await old.DisposeAsync();

        // The events come from a server that had counted a thousand million transactions; this one has not.
        await Fixture.ExecuteAsync("UPDATE events SET position = position + 1000000000");
        await Fixture.ExecuteAsync("UPDATE commits SET position = position + 1000000000");
        PostgreSqlEventStore restored = await OpenAsync("host-a");
        LogPage page = await restored.ReadLogAsync(LogCursor.Start, 10, withAttachments: false, Ct);
        await AppendedAsync(restored, "job/c");

        Assert.Equal(["job/a", "job/b"], page.Events.Select(e => e.Stream.Value));
        Assert.Equal(["job/c"], await FollowAsync(restored, page.Next, 1));

        await restored.DisposeAsync();
        PostgreSqlEventStore again = await OpenAsync("host-a");
        await AppendedAsync(again, "job/d");
        Assert.Equal(["job/c", "job/d"], await FollowAsync(again, page.Next, 2));
    }

    [ContractFact]
    public async Task Pages_end_early_where_events_are_large()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        ReadOnlyMemory<byte> large = Attachments.Encode([new byte[3 * 1024 * 1024]]);
        Make.Body body = Make.Numbered(1) with { Attachments = large };
        StreamAppend append = Make.Append(new StreamId("job/a"), StreamHead.None, body, body, body, body);
        await store.AppendAsync(Make.Batch(append), Ct);

        IReadOnlyList<StoredEvent> stream =
            await store.ReadStreamAsync(new StreamId("job/a"), 1, 10, withAttachments: true, Ct);
        LogPage log = await store.ReadLogAsync(LogCursor.Start, 10, withAttachments: true, Ct);
        LogPage rest = await store.ReadLogAsync(log.Next, 10, withAttachments: true, Ct);
        LogPage bare = await store.ReadLogAsync(LogCursor.Start, 10, withAttachments: false, Ct);

        Assert.Equal(3, stream.Count);
        Assert.Equal(3, log.Events.Count);
        Assert.False(log.IsEnd);
        Assert.Single(rest.Events);
        Assert.True(rest.IsEnd);
        Assert.Equal(4, bare.Events.Count);
        Assert.True(bare.IsEnd);
    }

    [ContractFact]
    public async Task A_cursor_of_another_store_is_no_cursor()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");

        foreach (string cursor in (string[])["x", "1", "1.x", "1.2.3", "-1.0"])
        {
            await Assert.ThrowsAsync<ArgumentException>(async () =>
                await store.ReadLogAsync(new LogCursor(cursor), 10, withAttachments: false, Ct));
        }
    }

    // As a second writer would, that does not lock the row of ownership.
    private static string Insert(string stream) => $"""
        INSERT INTO events (stream, version, position, ordinal, type, metadata, content, attachments, hash)
        VALUES ('{stream}', 1, pg_current_xact_id()::text::bigint, 1, 'raw-1', '', '', '', sha256(''))
        """;

    private async Task<List<string>> FollowAsync(PostgreSqlEventStore store, LogCursor after, int count)
    {
        List<string> streams = [];
        while (streams.Count < count)
        {
            LogPage page = await store.ReadLogAsync(after, 10, withAttachments: false, Ct);
            streams.AddRange(page.Events.Select(e => e.Stream.Value));
            after = page.Next;
        }

        return streams;
    }
}
