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
    public static JsonConverter OfEngine { get; } = new Of<EngineUnavailableException>(
        static e => new Thrown(e.Code, e.Message),
        static t => new EngineUnavailableException(t.Code, t.Message));

    /// <summary>For <see cref="EventStoreException"/>.</summary>
    public static JsonConverter OfStore { get; } = new Of<EventStoreException>(
        static e => new Thrown(e.Code, e.Message, e.IsTransient, e.IsOutcomeUnknown),
        static t => new EventStoreException(t.Code, t.Message, t.IsTransient, t.IsOutcomeUnknown));

    private sealed record Thrown(
        string Code, string Message, bool IsTransient = false, bool IsOutcomeUnknown = false);

    private sealed class Of<T>(Func<T, Thrown> pack, Func<Thrown, T> unpack) : JsonConverter<T>
        where T : Exception
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            unpack(JsonSerializer.Deserialize<Thrown>(ref reader, options)!);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, pack(value), options);
    }
}
