using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Elasticity.EventStore.Codec;

/// <summary>How stored JSON is read: whole. A member that may not be null must be there, and nothing is null; otherwise
/// an event would come out with nothing in its place, and break whoever takes it at its word.</summary>
internal static class CompleteJson
{
    /// <summary>What a context reads, more strictly.</summary>
    /// <param name="context">Source-generated.</param>
    /// <returns>Options to take the types from.</returns>
    public static JsonSerializerOptions Of(JsonSerializerContext context)
    {
        JsonSerializerOptions options = new(context.Options)
        {
            TypeInfoResolver = ((IJsonTypeInfoResolver)context).WithAddedModifier(RequireWhatMayNotBeNull),
        };
        options.Converters.Add(new FiniteConverter());
        options.MakeReadOnly();
        return options;
    }

    /// <summary>Reads what a stored event holds.</summary>
    /// <typeparam name="T">The event.</typeparam>
    /// <param name="content">Its JSON.</param>
    /// <param name="options">From <see cref="Of"/>.</param>
    /// <returns>The event.</returns>
    /// <exception cref="JsonException">It is not what the type holds, or not all of it.</exception>
    public static T Read<T>(ReadOnlySpan<byte> content, JsonSerializerOptions options)
        where T : class
    {
        T? read = JsonSerializer.Deserialize(content, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));

        // What is null is not written. Hardly any event has these four letters anywhere, so looking for them is cheap.
        return read is not null && (content.IndexOf("null"u8) < 0 || !HoldsNull(content))
            ? read
            : throw new JsonException("It holds a null, which no event does.");
    }

    private static bool HoldsNull(ReadOnlySpan<byte> content)
    {
        Utf8JsonReader reader = new(content);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                return true;
            }
        }

        return false;
    }

    private static void RequireWhatMayNotBeNull(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            property.IsRequired |= property.AssociatedParameter is { IsNullable: false, HasDefaultValue: false };
        }
    }

    /// <summary>1e999 is a number in JSON and infinite here, and could not be written again.</summary>
    private sealed class FiniteConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDouble() is var number && double.IsFinite(number)
                ? number
                : throw new JsonException("It holds a number that is too large.");

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value);
    }
}
