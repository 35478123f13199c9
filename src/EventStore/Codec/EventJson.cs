using System.Text.Json;
using System.Text.Json.Serialization;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;

namespace Elasticity.EventStore.Codec;

/// <summary>The stored JSON of a job's events: source-generated, no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    Converters = [typeof(PayloadLengthConverter)])]
[JsonSerializable(typeof(JobEvent.Opened))]
[JsonSerializable(typeof(JobEvent.TasksAdded))]
[JsonSerializable(typeof(JobEvent.Sealed))]
[JsonSerializable(typeof(JobEvent.OutcomesRecorded))]
[JsonSerializable(typeof(JobEvent.Failing))]
[JsonSerializable(typeof(JobEvent.CancelRequested))]
[JsonSerializable(typeof(JobEvent.Paused))]
[JsonSerializable(typeof(JobEvent.Resumed))]
[JsonSerializable(typeof(JobEvent.Redriven))]
[JsonSerializable(typeof(JobEvent.PayloadsErased))]
[JsonSerializable(typeof(JobEvent.Checkpointed))]
[JsonSerializable(typeof(JobEvent.Ended))]
[JsonSerializable(typeof(JobEvent.Trimmed))]
internal sealed partial class JobEventJson : JsonSerializerContext;

/// <summary>The stored JSON of a task's events.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    Converters = [typeof(PayloadLengthConverter), typeof(AgentIdConverter), typeof(SessionIdConverter)])]
[JsonSerializable(typeof(TaskEvent.Leased))]
[JsonSerializable(typeof(TaskEvent.Succeeded))]
[JsonSerializable(typeof(TaskEvent.Failed))]
[JsonSerializable(typeof(TaskEvent.GivenBack))]
[JsonSerializable(typeof(TaskEvent.Lost))]
[JsonSerializable(typeof(TaskEvent.Expired))]
[JsonSerializable(typeof(TaskEvent.DeadLettered))]
[JsonSerializable(typeof(TaskEvent.CancelRequested))]
[JsonSerializable(typeof(TaskEvent.Cancelled))]
[JsonSerializable(typeof(TaskEvent.Skipped))]
[JsonSerializable(typeof(TaskEvent.ResultRefused))]
internal sealed partial class TaskEventJson : JsonSerializerContext;

/// <summary>The stored JSON of an agent's events.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    Converters = [typeof(SessionIdConverter)])]
[JsonSerializable(typeof(AgentEvent.Registered))]
[JsonSerializable(typeof(AgentEvent.Draining))]
[JsonSerializable(typeof(AgentEvent.SessionEnded))]
[JsonSerializable(typeof(AgentEvent.Attached))]
internal sealed partial class AgentEventJson : JsonSerializerContext;

/// <summary>
/// In the content of an event a payload is its length; its bytes are an attachment, bound into the hash by their
/// digest, so that they can be erased.
/// </summary>
internal sealed class PayloadLengthConverter : JsonConverter<Payload>
{
    public override Payload Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        _ = reader.GetInt32();
        return Payload.None;
    }

    public override void Write(Utf8JsonWriter writer, Payload value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Length);
}
