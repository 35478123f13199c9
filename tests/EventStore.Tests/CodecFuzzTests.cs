using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore.Codec;
using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>
/// Stored events that were damaged in every way: they are read as something, or refused as <c>store-corrupt</c>, and
/// cost no more memory than they have bytes. Some damage is the same every time, some from a seed that is new in each
/// build.
/// </summary>
public class CodecFuzzTests
{
    private const int Rounds = 4_000;

    /// <summary>Many times what such an event needs; a length that is believed would need gigabytes.</summary>
    private const long AllocatedMax = 4 * 1024 * 1024;

    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly string[] Splinters =
    [
        "{", "}", "[", "]", "\"", ",", ":", "\\ud800", "null", "1e999", "-0", "99999999999999999999", "true", "{}",
        "[]", "\"\"", "\"00:00:00\"", "\"9999999.00:00:00\"", "\"2026-13-01\"", "é", "\0",
    ];

    private static readonly EventRecord[] Records = [.. JobRecords(), .. TaskRecords(), .. AgentRecords()];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(null)]
    public Task Damage_is_refused_or_read_and_costs_little(int? seed) =>
        FreshSeed.TryAsync(seed ?? FreshSeed.Value, random =>
        {
            DamageMany(random);
            return Task.CompletedTask;
        });

    [Theory]
    [InlineData(4)]
    [InlineData(null)]
    public Task What_is_read_of_a_changed_event_can_be_written_and_read_again(int? seed) =>
        FreshSeed.TryAsync(seed ?? FreshSeed.Value, random =>
        {
            EventRecord[] accepted = [.. Records, .. StoredBefore()];
            Assert.All(accepted, e => Assert.NotNull(Read(e)));
            for (int i = 0; i < Rounds; i++)
            {
                EventRecord whole = accepted[random.Next(accepted.Length)];
                string json = Encoding.UTF8.GetString(whole.Content.Span);
                for (int n = random.Next(1, 3); n > 0; n--)
                {
                    json = DamagedJson.Change(json, random);
                }

                AssertStable(whole with { Content = Encoding.UTF8.GetBytes(json) });
            }

            return Task.CompletedTask;
        });

    private static void DamageMany(Random random)
    {
        for (int i = 0; i < Rounds; i++)
        {
            EventRecord whole = Records[random.Next(Records.Length)];
            EventRecord damaged = random.Next(3) == 0
                ? whole with { Attachments = Damage(whole.Attachments, random) }
                : whole with { Content = Damage(whole.Content, random) };
            long before = GC.GetAllocatedBytesForCurrentThread();

            Read(damaged);

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < AllocatedMax, $"{allocated} bytes for {Show(damaged)}");
        }
    }

    [Theory]
    [InlineData("""{"first":0,"digest":"","at":"2026-01-02T03:04:05+00:00"}""")]
    [InlineData("""{"first":0,"tasks":[{"kind":"a"},{"kind":"b"}],"digest":"","at":"2026-01-02T03:04:05+00:00"}""")]
    public void Tasks_that_do_not_fit_their_payloads_are_refused(string content)
    {
        EventRecord tasks = Records.Single(r => r.Type == "job-tasks-added-1");

        EventStoreException refused = Assert.Throws<EventStoreException>(
            () => EventCodec.Default.DecodeJob(tasks with { Content = Encoding.UTF8.GetBytes(content) }));

        Assert.Equal("store-corrupt", refused.Code);
    }

    /// <summary>Events that releases stored, from <c>tests/Histories</c>; without their payloads.</summary>
    private static IEnumerable<EventRecord> StoredBefore() =>
        from file in Directory.EnumerateFiles(
            Path.Combine(AppContext.BaseDirectory, "Histories"), "*.jsonl", SearchOption.AllDirectories)
        from line in File.ReadLines(file)
        let json = JsonElement.Parse(line)
        where json.TryGetProperty("type", out _)
        let content = json.GetProperty("content")
        where content.ValueKind == JsonValueKind.Object
        let bytes = Encoding.UTF8.GetBytes(content.GetRawText())
        select new EventRecord(json.GetProperty("type").GetString()!, default, bytes, default, default);

    private static void AssertStable(EventRecord changed)
    {
        if (Read(changed) is { } e)
        {
            EventRecord written = Written(e, changed);
            object again = Read(written) ?? throw new InvalidOperationException(
                $"{Show(changed)} is read, and is not when it was written again: {Show(written)}");
            EventRecord third = Write(again);
            Assert.True(
                written.Content.Span.SequenceEqual(third.Content.Span)
                    && written.Attachments.Span.SequenceEqual(third.Attachments.Span),
                $"{Show(changed)} became {Show(written)}, and then {Show(third)}");
        }
    }

    private static EventRecord Written(object e, EventRecord changed)
    {
        try
        {
            return Write(e);
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"{Show(changed)} is read, and cannot be written again.", fault);
        }
    }

    private static EventRecord Write(object e) => e switch
    {
        JobEvent job => EventCodec.Encode(new StreamId("job/a"), StreamHead.None, job, default),
        TaskEvent task => EventCodec.Encode(new StreamId("task/a/00000000"), StreamHead.None, task, default),
        _ => EventCodec.Encode(new StreamId("agent/a"), StreamHead.None, (AgentEvent)e, default),
    };

    /// <returns>The event; null when it is refused.</returns>
    private static object? Read(EventRecord record)
    {
        try
        {
            return record.Type.Split('-')[0] switch
            {
                "job" => EventCodec.Default.DecodeJob(record),
                "task" => EventCodec.Default.DecodeTask(record),
                _ => EventCodec.Default.DecodeAgent(record),
            };
        }
        catch (EventStoreException e) when (e.Code == "store-corrupt")
        {
            return null; // As it should be.
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(Show(record), e);
        }
    }

    private static ReadOnlyMemory<byte> Damage(ReadOnlyMemory<byte> bytes, Random random)
    {
        List<byte> damaged = [.. bytes.Span];
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int place = random.Next(damaged.Count + 1);
            switch (random.Next(5))
            {
                case 0:
                    damaged.RemoveRange(place, Math.Min(random.Next(1, 30), damaged.Count - place));
                    break;
                case 1:
                    damaged.InsertRange(place, Encoding.UTF8.GetBytes(Splinters[random.Next(Splinters.Length)]));
                    break;
                case 2 when place < damaged.Count:
                    damaged[place] = (byte)random.Next(256);
                    break;
                case 3:
                    ReplaceValue(damaged, random);
                    break;
                default:
                    damaged.InsertRange(place, damaged[..random.Next(damaged.Count + 1)]);
                    break;
            }
        }

        return damaged.ToArray();
    }

    /// <summary>Puts another value behind a colon: JSON that is well-formed and says something else.</summary>
    private static void ReplaceValue(List<byte> json, Random random)
    {
        int colon = json.IndexOf((byte)':', random.Next(json.Count + 1));
        int end = colon < 0 ? -1 : json.FindIndex(colon, b => b is (byte)',' or (byte)'}' or (byte)']');
        if (end > 0)
        {
            json.RemoveRange(colon + 1, end - colon - 1);
            json.InsertRange(colon + 1, Encoding.UTF8.GetBytes(Splinters[random.Next(8, Splinters.Length)]));
        }
    }

    private static string Show(EventRecord record) =>
        $"{record.Type} {Encoding.Latin1.GetString(record.Content.Span)} "
        + Convert.ToHexString(record.Attachments.Span[..Math.Min(64, record.Attachments.Length)]);

    private static IEnumerable<EventRecord> JobRecords()
    {
        JobPolicy policy = new()
        {
            OnDeadLetter = DeadLetterRule.Ignore, Retry = new RetryPolicy(), LeaseLength = TimeSpan.FromSeconds(9),
        };
        JobHeader header = new(
            "n", policy, ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("k", "v")]));
        TaskSpec spec = new() { Kind = "a", Name = "n", DependsOn = [0, 1], Payload = Payload.FromJson("[1]") };
        JobEvent[] events =
        [
            new JobEvent.Opened(At, header, new string('a', 64), 3),
            new JobEvent.TasksAdded(At, 0, [spec, spec with { NotBefore = At }, spec], new string('a', 64)),
            new JobEvent.Sealed(At),
            new JobEvent.OutcomesRecorded(At, [new OutcomeRecord(0, 1, TaskOutcome.Succeeded, new string('b', 64))]),
            new JobEvent.Redriven(At, [new IndexRange(0, 1)], [new IndexRange(2, 1)]),
            new JobEvent.Checkpointed(At, JobPhase.Open, true, "3 1*2", "2 0*2", null, [new KnownRedrive("again", 0)]),
            new JobEvent.Trimmed(
                At, header, new string('a', 64), 3, new TaskCounts(), JobOutcome.Failed, At, At, At, "head"),
            new JobEvent.Ended(At, JobOutcome.Succeeded),
        ];
        return events.Select(e => EventCodec.Encode(new StreamId("job/a"), StreamHead.None, e, default));
    }

    private static IEnumerable<EventRecord> TaskRecords()
    {
        Lease lease = new(1, 1, new AgentId("a"), new SessionId("s"), "r");
        TaskEvent[] events =
        [
            new TaskEvent.Leased(At, 1, lease, new TaskTerms("k", 1, TimeSpan.FromSeconds(3), new RetryPolicy())),
            new TaskEvent.Succeeded(At, 1, Payload.FromJson("{\"a\":1}")),
            new TaskEvent.Failed(At, 1, new Failure("c", "m", IsFinal: true), At, Payload.FromJson("2")),
            new TaskEvent.Skipped(At, 1, 0),
        ];
        return events.Select(e => EventCodec.Encode(new StreamId("task/a/00000000"), StreamHead.None, e, default));
    }

    private static IEnumerable<EventRecord> AgentRecords()
    {
        AgentOffer offer = new(["a", "b"], 2, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        AgentEvent[] events =
        [
            new AgentEvent.Registered(At, new SessionId("s"), offer),
            new AgentEvent.SessionEnded(At, new SessionId("s"), "closed"),
            new AgentEvent.Attached(At),
        ];
        return events.Select(e => EventCodec.Encode(new StreamId("agent/a"), StreamHead.None, e, default));
    }
}
