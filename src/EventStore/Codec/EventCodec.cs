using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;

namespace Elasticity.EventStore.Codec;

/// <summary>
/// Domain events as stored records and back. The stored types are explicit, versioned names;
/// <c>docs/reference/events.md</c> lists them.
/// </summary>
public sealed class EventCodec
{
    /// <summary>The stored type of a job's checkpoint, for whoever looks for the last one.</summary>
    public const string JobCheckpointType = "job-checkpointed-1";

    private static readonly JsonSerializerOptions Jobs = CompleteJson.Of(JobEventJson.Default);
    private static readonly JsonSerializerOptions Tasks = CompleteJson.Of(TaskEventJson.Default);
    private static readonly JsonSerializerOptions Agents = CompleteJson.Of(AgentEventJson.Default);

    private readonly Upcasters _upcasters;

    /// <summary>Makes a codec.</summary>
    /// <param name="upcasters">For events of older releases.</param>
    public EventCodec(Upcasters upcasters) => _upcasters = upcasters;

    /// <summary>The codec of this release.</summary>
    public static EventCodec Default { get; } = new(Upcasters.Current);

    /// <summary>Encodes an event of a job.</summary>
    /// <param name="stream">The job's stream.</param>
    /// <param name="head">The head before the event.</param>
    /// <param name="event">The event.</param>
    /// <param name="metadata">UTF-8 JSON, may be empty.</param>
    /// <returns>The record, chained to the head.</returns>
    public static EventRecord Encode(StreamId stream, StreamHead head, JobEvent @event, ReadOnlyMemory<byte> metadata)
    {
        JobEventJson json = JobEventJson.Default;
        return @event switch
        {
            JobEvent.Opened e => Record("job-opened-1", e, json.Opened),
            JobEvent.TasksAdded e =>
                Record("job-tasks-added-1", e, json.TasksAdded, [.. e.Tasks.Select(t => t.Payload)]),
            JobEvent.Sealed e => Record("job-sealed-1", e, json.Sealed),
            JobEvent.OutcomesRecorded e => Record("job-outcomes-recorded-1", e, json.OutcomesRecorded),
            JobEvent.Failing e => Record("job-failing-1", e, json.Failing),
            JobEvent.CancelRequested e => Record("job-cancel-requested-1", e, json.CancelRequested),
            JobEvent.Paused e => Record("job-paused-1", e, json.Paused),
            JobEvent.Resumed e => Record("job-resumed-1", e, json.Resumed),
            JobEvent.Redriven e => Record("job-redriven-1", e, json.Redriven),
            JobEvent.PayloadsErased e => Record("job-payloads-erased-1", e, json.PayloadsErased),
            JobEvent.Checkpointed e => Record(JobCheckpointType, e, json.Checkpointed),
            JobEvent.Ended e => Record("job-ended-1", e, json.Ended),
            JobEvent.Trimmed e => Record("job-trimmed-1", e, json.Trimmed),
            _ => throw new UnreachableException($"Unknown job event {@event.GetType().Name}."),
        };

        EventRecord Record<T>(string type, T e, JsonTypeInfo<T> info, params ReadOnlySpan<Payload> payloads) =>
            Chain(stream, head, type, metadata, JsonSerializer.SerializeToUtf8Bytes(e, info), payloads);
    }

    /// <summary>Encodes an event of a task.</summary>
    /// <param name="stream">The task's stream.</param>
    /// <param name="head">The head before the event.</param>
    /// <param name="event">The event.</param>
    /// <param name="metadata">UTF-8 JSON, may be empty.</param>
    /// <returns>The record, chained to the head.</returns>
    public static EventRecord Encode(StreamId stream, StreamHead head, TaskEvent @event, ReadOnlyMemory<byte> metadata)
    {
        TaskEventJson json = TaskEventJson.Default;
        return @event switch
        {
            TaskEvent.Leased e => Record("task-leased-1", e, json.Leased),
            TaskEvent.Succeeded e => Record("task-succeeded-1", e, json.Succeeded, e.Result),
            TaskEvent.Failed e => Record("task-failed-1", e, json.Failed, e.Result),
            TaskEvent.GivenBack e => Record("task-given-back-1", e, json.GivenBack),
            TaskEvent.Lost e => Record("task-lost-1", e, json.Lost),
            TaskEvent.Expired e => Record("task-expired-1", e, json.Expired),
            TaskEvent.DeadLettered e => Record("task-dead-lettered-1", e, json.DeadLettered),
            TaskEvent.CancelRequested e => Record("task-cancel-requested-1", e, json.CancelRequested),
            TaskEvent.Cancelled e => Record("task-cancelled-1", e, json.Cancelled),
            TaskEvent.Skipped e => Record("task-skipped-1", e, json.Skipped),
            TaskEvent.ResultRefused e => Record("task-result-refused-1", e, json.ResultRefused),
            _ => throw new UnreachableException($"Unknown task event {@event.GetType().Name}."),
        };

        EventRecord Record<T>(string type, T e, JsonTypeInfo<T> info, params ReadOnlySpan<Payload> payloads) =>
            Chain(stream, head, type, metadata, JsonSerializer.SerializeToUtf8Bytes(e, info), payloads);
    }

    /// <summary>Encodes an event of an agent.</summary>
    /// <param name="stream">The agent's stream.</param>
    /// <param name="head">The head before the event.</param>
    /// <param name="event">The event.</param>
    /// <param name="metadata">UTF-8 JSON, may be empty.</param>
    /// <returns>The record, chained to the head.</returns>
    public static EventRecord Encode(StreamId stream, StreamHead head, AgentEvent @event, ReadOnlyMemory<byte> metadata)
    {
        AgentEventJson json = AgentEventJson.Default;
        return @event switch
        {
            AgentEvent.Registered e => Record("agent-registered-1", e, json.Registered),
            AgentEvent.Draining e => Record("agent-draining-1", e, json.Draining),
            AgentEvent.SessionEnded e => Record("agent-session-ended-1", e, json.SessionEnded),
            AgentEvent.Attached e => Record("agent-attached-1", e, json.Attached),
            _ => throw new UnreachableException($"Unknown agent event {@event.GetType().Name}."),
        };

        EventRecord Record<T>(string type, T e, JsonTypeInfo<T> info) =>
            Chain(stream, head, type, metadata, JsonSerializer.SerializeToUtf8Bytes(e, info), []);
    }

    /// <summary>Decodes an event of a job. Payloads are there only if the record was read with its
    /// attachments.</summary>
    /// <param name="record">The record.</param>
    /// <returns>The event.</returns>
    /// <exception cref="EventStoreException"><c>store-corrupt</c>: not an event of a job; <c>store-version</c>: an
    /// unknown type.</exception>
    public JobEvent DecodeJob(EventRecord record)
    {
        return Decode<JobEvent>(record, (type, content) => type switch
        {
            "job-opened-1" => Read<JobEvent.Opened>(content, Jobs),
            "job-tasks-added-1" => WithPayloads(Read<JobEvent.TasksAdded>(content, Jobs), record),
            "job-sealed-1" => Read<JobEvent.Sealed>(content, Jobs),
            "job-outcomes-recorded-1" => Read<JobEvent.OutcomesRecorded>(content, Jobs),
            "job-failing-1" => Read<JobEvent.Failing>(content, Jobs),
            "job-cancel-requested-1" => Read<JobEvent.CancelRequested>(content, Jobs),
            "job-paused-1" => Read<JobEvent.Paused>(content, Jobs),
            "job-resumed-1" => Read<JobEvent.Resumed>(content, Jobs),
            "job-redriven-1" => Read<JobEvent.Redriven>(content, Jobs),
            "job-payloads-erased-1" => Read<JobEvent.PayloadsErased>(content, Jobs),
            JobCheckpointType => Read<JobEvent.Checkpointed>(content, Jobs),
            "job-ended-1" => Read<JobEvent.Ended>(content, Jobs),
            "job-trimmed-1" => Read<JobEvent.Trimmed>(content, Jobs),
            _ => throw Unknown(type),
        });
    }

    /// <summary>Decodes an event of a task. Results are there only if the record was read with its
    /// attachments.</summary>
    /// <param name="record">The record.</param>
    /// <returns>The event.</returns>
    /// <exception cref="EventStoreException"><c>store-corrupt</c>: not an event of a task; <c>store-version</c>: an
    /// unknown type.</exception>
    public TaskEvent DecodeTask(EventRecord record)
    {
        return Decode<TaskEvent>(record, (type, content) => type switch
        {
            "task-leased-1" => Read<TaskEvent.Leased>(content, Tasks),
            "task-succeeded-1" => Read<TaskEvent.Succeeded>(content, Tasks) with { Result = Single(record) },
            "task-failed-1" => Read<TaskEvent.Failed>(content, Tasks) with { Result = Single(record) },
            "task-given-back-1" => Read<TaskEvent.GivenBack>(content, Tasks),
            "task-lost-1" => Read<TaskEvent.Lost>(content, Tasks),
            "task-expired-1" => Read<TaskEvent.Expired>(content, Tasks),
            "task-dead-lettered-1" => Read<TaskEvent.DeadLettered>(content, Tasks),
            "task-cancel-requested-1" => Read<TaskEvent.CancelRequested>(content, Tasks),
            "task-cancelled-1" => Read<TaskEvent.Cancelled>(content, Tasks),
            "task-skipped-1" => Read<TaskEvent.Skipped>(content, Tasks),
            "task-result-refused-1" => Read<TaskEvent.ResultRefused>(content, Tasks),
            _ => throw Unknown(type),
        });
    }

    /// <summary>Decodes an event of an agent.</summary>
    /// <param name="record">The record.</param>
    /// <returns>The event.</returns>
    /// <exception cref="EventStoreException"><c>store-corrupt</c>: not an event of an agent; <c>store-version</c>: an
    /// unknown type.</exception>
    public AgentEvent DecodeAgent(EventRecord record)
    {
        return Decode<AgentEvent>(record, (type, content) => type switch
        {
            "agent-registered-1" => Read<AgentEvent.Registered>(content, Agents),
            "agent-draining-1" => Read<AgentEvent.Draining>(content, Agents),
            "agent-session-ended-1" => Read<AgentEvent.SessionEnded>(content, Agents),
            "agent-attached-1" => Read<AgentEvent.Attached>(content, Agents),
            _ => throw Unknown(type),
        });
    }

    private static EventRecord Chain(
        StreamId stream,
        StreamHead head,
        string type,
        ReadOnlyMemory<byte> metadata,
        ReadOnlyMemory<byte> content,
        ReadOnlySpan<Payload> payloads)
    {
        ReadOnlyMemory<byte> attachments = default;
        foreach (Payload payload in payloads)
        {
            if (!payload.IsNone)
            {
                attachments = Attachments.Encode(Bytes(payloads));
                break;
            }
        }

        Hash256 hash = HashChain.Link(
            stream, head.Version + 1, head.Hash, type, metadata.Span, content.Span, Attachments.Root(attachments));
        return new EventRecord(type, metadata, content, attachments, hash);
    }

    private static ReadOnlyMemory<byte>[] Bytes(ReadOnlySpan<Payload> payloads)
    {
        ReadOnlyMemory<byte>[] bytes = new ReadOnlyMemory<byte>[payloads.Length];
        for (int i = 0; i < payloads.Length; i++)
        {
            bytes[i] = payloads[i].Bytes;
        }

        return bytes;
    }

    private static JobEvent.TasksAdded WithPayloads(JobEvent.TasksAdded e, EventRecord record)
    {
        if (record.Attachments.IsEmpty && !e.Tasks.IsDefault)
        {
            return e;
        }

        IReadOnlyList<ReadOnlyMemory<byte>?> payloads = Attachments.Decode(record.Attachments);
        if (e.Tasks.IsDefault || e.Tasks.Length != payloads.Count)
        {
            throw new EventStoreException(
                "store-corrupt", $"An event of type {record.Type} has {payloads.Count} payloads and other tasks.",
                isTransient: false);
        }

        ImmutableArray<TaskSpec>.Builder tasks = ImmutableArray.CreateBuilder<TaskSpec>(e.Tasks.Length);
        for (int i = 0; i < e.Tasks.Length; i++)
        {
            tasks.Add(e.Tasks[i] with { Payload = new Payload(payloads[i] ?? default) });
        }

        return e with { Tasks = tasks.MoveToImmutable() };
    }

    private static Payload Single(EventRecord record) => record.Attachments.IsEmpty
        ? Payload.None
        : new Payload(Attachments.Decode(record.Attachments)[0] ?? default);

    private static EventStoreException Unknown(string type) => new(
        "store-version", $"This release does not know the event type {type}: a newer one wrote it.",
            isTransient: false);

    private static T Read<T>(ReadOnlyMemory<byte> content, JsonSerializerOptions options)
        where T : class => CompleteJson.Read<T>(content.Span, options);

    private T Decode<T>(EventRecord record, Func<string, ReadOnlyMemory<byte>, T> read)
    {
        try
        {
            (string type, ReadOnlyMemory<byte> content) = _upcasters.Apply(record.Type, record.Content);
            return read(type, content);
        }
        catch (JsonException e)
        {
            throw new EventStoreException(
                "store-corrupt",
                    $"The content of an event of type {record.Type} is not what that type holds: {e.Message}",
                isTransient: false, inner: e);
        }
    }
}
