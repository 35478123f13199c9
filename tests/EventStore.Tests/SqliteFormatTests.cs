using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;
using Xunit;

namespace Elasticity.EventStore.Tests;

public sealed class SqliteFormatTests : SqliteTests
{
    [Fact]
    public async Task Garbage_is_refused_and_left_alone()
    {
        string garbage = string.Concat(Enumerable.Repeat("no database at all ", 1_000));
        await File.WriteAllTextAsync(DatabasePath, garbage);

        await FailsAsync("store-corrupt", OpenAsync);
        await FailsAsync("store-corrupt", OpenToLookAsync);

        Assert.Equal(garbage, await File.ReadAllTextAsync(DatabasePath));
    }

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        await WithStoreAsync(_ => Task.CompletedTask);
        Tamper("PRAGMA user_version = 2");

        EventStoreException e = await FailsAsync("store-version", OpenAsync);
        Assert.Contains("newer release", e.Message);
        await FailsAsync("store-version", OpenToLookAsync);
    }

    [Fact]
    public async Task Data_of_another_kind_of_engine_is_refused()
    {
        await WithStoreAsync(_ => Task.CompletedTask);
        Tamper("UPDATE meta SET value = 'orleans' WHERE key = 'kind'");

        EventStoreException e = await FailsAsync("store-version", OpenAsync);
        Assert.Contains("orleans engine", e.Message);
        await FailsAsync("store-version", OpenToLookAsync);
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused_and_left_alone()
    {
        Tamper("CREATE TABLE recipes (name TEXT)");
        byte[] before = await File.ReadAllBytesAsync(DatabasePath);

        EventStoreException e = await FailsAsync("store-version", OpenAsync);
        Assert.Contains("another program", e.Message);
        await FailsAsync("store-version", OpenToLookAsync);

        Assert.Equal(before, await File.ReadAllBytesAsync(DatabasePath));
    }

    [Fact]
    public async Task A_damaged_file_cannot_be_owned_and_what_is_whole_can_be_looked_at()
    {
        await WithStoreAsync(async s =>
        {
            for (int i = 0; i < 50; i++)
            {
                await AppendAsync(s, Make.Numbers(new StreamId($"s/{i:D2}"), StreamHead.None, 40));
            }
        });
        await using (FileStream file = new(DatabasePath, FileMode.Open))
        {
            // The last quarter, so that the schema and the first events stay whole.
            file.Position = file.Length / 4 * 3;
            await file.WriteAsync(new byte[file.Length - file.Position]);
        }

        await FailsAsync("store-corrupt", OpenAsync);
        await using SqliteEventStore looker = await OpenToLookAsync();

        EventStoreException e = await FailsAsync("store-corrupt", () => ReadLogAsync(looker));
        Assert.False(e.IsTransient);
        Assert.NotEmpty(await looker.ReadStreamAsync(new StreamId("s/00"), 1, 1, withAttachments: true, None));
    }

    [Theory]
    [InlineData("DROP TABLE jobs")]
    [InlineData("DROP INDEX jobs_by_age")]
    [InlineData("DROP TRIGGER jobs_incomplete")]
    [InlineData("ALTER TABLE jobs RENAME COLUMN summary TO summaries")]
    [InlineData("DELETE FROM jobs WHERE id = 'a'")]
    public async Task A_damaged_job_list_is_made_anew(string damage)
    {
        await WithStoreAsync(async s => await s.AppendAsync(
            Make.Batch(Make.Numbers(new StreamId("job/a"), StreamHead.None)) with
            {
                Jobs = [Make.Row("a", 1), Make.Row("b", 2)],
            },
            None));
        Tamper(damage);

        await WithStoreAsync(async s =>
        {
            Assert.True(s.Jobs.NeedsRebuild);
            await s.Jobs.ClearAsync(None);
            await s.Jobs.WriteAsync([Make.Row("a", 1), Make.Row("b", 2)], isLast: true, None);
            Assert.Equal(2, (await s.Jobs.ListAsync(new JobFilter(), null, 10, None)).Count);
        });

        await using SqliteEventStore store = await OpenAsync();
        Assert.False(store.Jobs.NeedsRebuild);
    }

    [Fact]
    public async Task A_foreign_cursor_is_refused()
    {
        await using SqliteEventStore store = await OpenAsync();

        await Assert.ThrowsAsync<ArgumentException>(
            async () => await store.ReadLogAsync(new LogCursor("0/16B3748"), 1, withAttachments: false, None));
    }

    [Fact]
    public async Task Erased_bytes_are_gone_from_the_files()
    {
        const string Secret = "the-secret-payload-that-must-go";
        await using SqliteEventStore store = await OpenAsync();
        StreamAppend append = Make.Append(new StreamId("job/a"), StreamHead.None, Make.WithPayloads(Secret, "kept"));
        await AppendAsync(store, append);
        Assert.True(AnyFileContains(Secret));

        ReadOnlyMemory<byte> erased = Attachments.Erase(append.Events[0].Attachments, i => i == 0);
        Assert.True(await store.EraseAttachmentsAsync(append.Stream, 1, erased, None));
        await store.DisposeAsync();

        Assert.False(AnyFileContains(Secret));
        Assert.True(AnyFileContains("kept"));
    }

    private static async Task ReadLogAsync(SqliteEventStore store)
    {
        LogPage page = await store.ReadLogAsync(LogCursor.Start, 10_000, withAttachments: true, None);
        Assert.True(page.IsEnd);
    }

    private bool AnyFileContains(string text) => Directory.EnumerateFiles(DataDirectory, "elasticity.db*")
        .Any(f => ReadShared(f).AsSpan().IndexOf(Make.Utf8(text).Span) >= 0);

    private static byte[] ReadShared(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
