using System.Text;
using System.Text.Json.Nodes;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore.Codec;
using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>How events of older releases would be read: with types that no release has stored.</summary>
public sealed class UpcastersTests
{
    private static readonly StreamId Stream = new("task/a/00000000");
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    // -2 called the reason "why"; -1 had no reason, and its token was a text.
    private static readonly EventCodec Codec = new(new Upcasters()
        .Add("task-dropped-1", "task-dropped-2", old => new JsonObject
        {
            ["at"] = old["at"]!.DeepClone(),
            ["token"] = long.Parse(old["token"]!.GetValue<string>(), null),
            ["why"] = "closed",
        })
        .Add("task-dropped-2", "task-lost-1", old =>
        {
            JsonNode why = old["why"]!;
            old.Remove("why");
            old["reason"] = why.DeepClone();
            return old;
        }));

    [Fact]
    public void An_event_two_releases_old_is_read_as_todays()
    {
        EventRecord record = Record("task-dropped-1", """{"at":"2026-01-02T03:04:05+00:00","token":"7"}""");

        Assert.Equal(new TaskEvent.Lost(At, 7, "closed"), Codec.DecodeTask(record));
    }

    [Fact]
    public void An_event_one_release_old_takes_the_last_step_only()
    {
        EventRecord record = Record(
            "task-dropped-2", """{"at":"2026-01-02T03:04:05+00:00","token":8,"why":"silent"}""");

        Assert.Equal(new TaskEvent.Lost(At, 8, "silent"), Codec.DecodeTask(record));
    }

    [Fact]
    public void An_event_of_today_is_read_as_it_is()
    {
        TaskEvent.Lost lost = new(At, 9, "process-dead");
        EventRecord record = EventCodec.Encode(Stream, StreamHead.None, lost, default);

        Assert.Equal(lost, Codec.DecodeTask(record));
    }

    [Fact]
    public void What_is_stored_stays_and_its_hash_fits()
    {
        EventRecord record = Record("task-dropped-1", """{"token": "7", "at":"2026-01-02T03:04:05+00:00"}""");
        byte[] before = record.Content.ToArray();

        Codec.DecodeTask(record);

        Assert.Equal(before, record.Content.ToArray());
        Assert.True(HashChain.Follows(StreamHead.None, new StoredEvent(Stream, 1, record)));
    }

    [Fact]
    public void The_payload_of_an_older_event_comes_along()
    {
        EventCodec codec = new(new Upcasters().Add("task-done-1", "task-succeeded-1", old =>
        {
            old["token"] = 1;
            return old;
        }));
        ReadOnlyMemory<byte> attachments = Attachments.Encode([Encoding.UTF8.GetBytes("[1]")]);
        EventRecord record = Record("task-done-1", """{"at":"2026-01-02T03:04:05+00:00","result":3}""", attachments);

        Assert.Equal(new TaskEvent.Succeeded(At, 1, Payload.FromJson("[1]")), codec.DecodeTask(record));
    }

    [Theory]
    [InlineData("task-dropped-1", "{\"at\":\"2026-01-02T03:04:05+00:00\",", "store-corrupt")]
    [InlineData("task-dropped-1", "[]", "store-corrupt")]
    [InlineData("task-dropped-1", "null", "store-corrupt")]
    [InlineData("task-dropped-2", "{\"at\":\"soon\",\"token\":8,\"why\":\"silent\"}", "store-corrupt")]
    [InlineData("task-dropped-3", "{}", "store-version")]
    public void What_cannot_be_read_is_said_with_a_code(string type, string content, string code)
    {
        EventStoreException e = Assert.Throws<EventStoreException>(() => Codec.DecodeTask(Record(type, content)));

        Assert.Equal(code, e.Code);
    }

    [Fact]
    public void An_unknown_type_of_another_aggregate_is_of_another_release_too() =>
        Assert.Equal(
            "store-version",
            Assert.Throws<EventStoreException>(() => Codec.DecodeJob(Record("job-moved-1", "{}"))).Code);

    [Fact]
    public void A_type_has_one_step()
    {
        Upcasters upcasters = new Upcasters().Add("job-moved-1", "job-moved-2", o => o);

        Assert.Throws<ArgumentException>(() => upcasters.Add("job-moved-1", "job-moved-3", o => o));
        Assert.Equal(["job-moved-1"], upcasters.Sources);
    }

    private static EventRecord Record(string type, string content, ReadOnlyMemory<byte> attachments = default)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        Hash256 hash = HashChain.Link(
            Stream, 1, default, type, default, bytes, Attachments.Root(attachments));
        return new EventRecord(type, default, bytes, attachments, hash);
    }
}
