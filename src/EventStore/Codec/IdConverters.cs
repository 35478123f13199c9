using System.Text.Json;
using System.Text.Json.Serialization;
using Elasticity.Domain;

namespace Elasticity.EventStore.Codec;

/// <summary>A job id is a JSON string.</summary>
public sealed class JobIdConverter : JsonConverter<JobId>
{
    /// <inheritdoc/>
    public override JobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("A job id is a string."));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}

/// <summary>An agent id is a JSON string.</summary>
public sealed class AgentIdConverter : JsonConverter<AgentId>
{
    /// <inheritdoc/>
    public override AgentId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("An agent id is a string."));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, AgentId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}

/// <summary>A session id is a JSON string.</summary>
public sealed class SessionIdConverter : JsonConverter<SessionId>
{
    /// <inheritdoc/>
    public override SessionId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("A session id is a string."));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SessionId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}
