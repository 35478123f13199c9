using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Elasticity.Contracts;

/// <summary>How every message is written and read: camelCase, nothing unknown, nothing twice, nothing
/// missing.</summary>
/// <remarks>
/// The server reads requests with <c>Default</c>, which refuses unknown members. Clients read answers with
/// <see cref="Tolerant"/>, so that a newer server may say more than they know.
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SubmitJob))]
[JsonSerializable(typeof(OpenJob))]
[JsonSerializable(typeof(AddTasks))]
[JsonSerializable(typeof(SubmitProgressDocument))]
[JsonSerializable(typeof(JobDocument))]
[JsonSerializable(typeof(TaskDocument))]
[JsonSerializable(typeof(PageDocument<JobDocument>))]
[JsonSerializable(typeof(PageDocument<TaskDocument>))]
[JsonSerializable(typeof(RegisterAgent))]
[JsonSerializable(typeof(LeaseTasks))]
[JsonSerializable(typeof(LeasedTasks))]
[JsonSerializable(typeof(SendHeartbeat))]
[JsonSerializable(typeof(HeartbeatAnswerDocument))]
[JsonSerializable(typeof(SettleTasks))]
[JsonSerializable(typeof(SettleAnswerDocument))]
[JsonSerializable(typeof(AgentDocument))]
[JsonSerializable(typeof(PageDocument<AgentDocument>))]
[JsonSerializable(typeof(PageDocument<QueueDocument>))]
[JsonSerializable(typeof(PageDocument<FindingDocument>))]
[JsonSerializable(typeof(EventDocument))]
[JsonSerializable(typeof(PageDocument<EventDocument>))]
[JsonSerializable(typeof(LogDocument))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(ProblemDocument))]
public sealed partial class ContractsJson : JsonSerializerContext
{
    /// <summary>Reads what it knows and skips the rest: for clients.</summary>
    public static ContractsJson Tolerant => TolerantContext.Value;

    /// <summary>Reads a whole message. Every <see cref="RawJson"/> in it is a slice of it, without a copy.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="message">One JSON value in UTF-8; nobody may change or reuse it afterwards.</param>
    /// <param name="type">How it is read: a property of <c>ContractsJson.Default</c> or of
    /// <see cref="Tolerant"/>.</param>
    /// <returns>The message; null for the JSON value <c>null</c>.</returns>
    /// <exception cref="JsonException">The message is not JSON, or does not fit the type.</exception>
    public static T? Read<T>(ReadOnlyMemory<byte> message, JsonTypeInfo<T> type)
    {
        ReadOnlyMemory<byte> outer = RawJsonConverter.Message;
        RawJsonConverter.Message = message;
        try
        {
            return JsonSerializer.Deserialize(message.Span, type);
        }
        finally
        {
            RawJsonConverter.Message = outer;
        }
    }

    // Apart, because the order in which the static fields of a partial class are set is not known.
    private static class TolerantContext
    {
        public static readonly ContractsJson Value = new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        });
    }
}
