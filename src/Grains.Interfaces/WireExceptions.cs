using System.Text.Json;
using System.Text.Json.Serialization;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Grains;

/// <summary>What a caller in another process may act on travels: code and sentence. Where it was thrown, and because of
/// what, is for the log of the silo that threw it.</summary>
internal static class WireExceptions
{
    /// <summary>For <see cref="EngineUnavailableException"/>.</summary>
    public sealed class OfEngine : JsonConverter<EngineUnavailableException>
    {
        /// <inheritdoc/>
        public override EngineUnavailableException Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Thrown thrown = JsonSerializer.Deserialize<Thrown>(ref reader, options)!;
            return new EngineUnavailableException(thrown.Code, thrown.Message);
        }

        /// <inheritdoc/>
        public override void Write(
            Utf8JsonWriter writer, EngineUnavailableException value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, new Thrown(value.Code, value.Message), options);
    }

    /// <summary>For <see cref="EventStoreException"/>.</summary>
    public sealed class OfStore : JsonConverter<EventStoreException>
    {
        /// <inheritdoc/>
        public override EventStoreException Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            Thrown thrown = JsonSerializer.Deserialize<Thrown>(ref reader, options)!;
            return new EventStoreException(
                thrown.Code, thrown.Message, thrown.IsTransient, thrown.IsOutcomeUnknown);
        }

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, EventStoreException value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(
                writer, new Thrown(value.Code, value.Message, value.IsTransient, value.IsOutcomeUnknown), options);
    }

    private sealed record Thrown(
        string Code, string Message, bool IsTransient = false, bool IsOutcomeUnknown = false);
}
