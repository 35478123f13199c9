using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Elasticity.Contracts;

/// <summary>
/// Any JSON value, as the UTF-8 bytes that were sent: never parsed into objects, never written differently. The default
/// value is "none", which is not the same as the JSON value <c>null</c>.
/// </summary>
/// <remarks>
/// Read with <see cref="ContractsJson.Read{T}"/> it is a slice of the message, without a copy, and keeps the message in
/// memory. Two values are equal when their bytes are.
/// </remarks>
[JsonConverter(typeof(RawJsonConverter))]
public readonly struct RawJson : IEquatable<RawJson>
{
    /// <summary>Wraps bytes.</summary>
    /// <param name="utf8">One JSON value in UTF-8, not checked here; empty means none. No longer changed by the
    /// caller.</param>
    public RawJson(ReadOnlyMemory<byte> utf8) => Utf8 = utf8;

    /// <summary>The bytes; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>Whether there is no value.</summary>
    public bool IsNone => Utf8.IsEmpty;

    /// <summary>Makes a value from JSON text.</summary>
    /// <param name="json">One JSON value.</param>
    /// <returns>The value.</returns>
    /// <exception cref="JsonException">The text is not one JSON value.</exception>
    public static RawJson Parse(string json)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        Utf8JsonReader reader = new(utf8);
        reader.Read();
        reader.Skip();
        reader.Read(); // Throws when something follows the value.
        return new RawJson(utf8);
    }

    /// <summary>Makes a value from an object.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The object.</param>
    /// <param name="type">How it is written.</param>
    /// <returns>The value.</returns>
    public static RawJson From<T>(T value, JsonTypeInfo<T> type) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>Reads it as an object.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="type">How it is read.</param>
    /// <returns>The object; default for none and for the JSON value <c>null</c>.</returns>
    /// <exception cref="JsonException">The value does not fit the type.</exception>
    public T? To<T>(JsonTypeInfo<T> type) => IsNone ? default : JsonSerializer.Deserialize(Utf8.Span, type);

    /// <summary>Whether two values have the same bytes.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(RawJson left, RawJson right) => left.Equals(right);

    /// <summary>Whether two values differ in a byte.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(RawJson left, RawJson right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(RawJson other) => Utf8.Span.SequenceEqual(other.Utf8.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RawJson other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Utf8.Span);
        return hash.ToHashCode();
    }

    /// <summary>The JSON text.</summary>
    /// <returns>The text; empty for none.</returns>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);
}

/// <summary>Cuts values out of the message that is being read, without a copy where <see cref="Message"/> knows
/// it.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    private static readonly RawJson EmptyString = new("\"\""u8.ToArray());

    // A converter sees the reader, and the reader shows spans, which cannot be kept. Reading is synchronous, so the
    // message that this thread reads is known, and the spans are places in it.
    [ThreadStatic]
    private static ReadOnlyMemory<byte> _message;

    public override bool HandleNull => true;

    public static ReadOnlyMemory<byte> Message
    {
        get => _message;
        set => _message = value;
    }

    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.HasValueSequence || !_message.Span.Overlaps(reader.ValueSpan, out int start))
        {
            return reader.TokenType == JsonTokenType.String && !reader.HasValueSequence && reader.ValueSpan.IsEmpty
                ? EmptyString
                : Copy(ref reader);
        }

        int end = start + reader.ValueSpan.Length;
        switch (reader.TokenType)
        {
            case JsonTokenType.String: // The span lies between the quotes.
                return new RawJson(_message[(start - 1)..(end + 1)]);
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                reader.Skip();
                _message.Span.Overlaps(reader.ValueSpan, out int last);
                return new RawJson(_message[start..(last + 1)]);
            default:
                return new RawJson(_message[start..end]);
        }
    }

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.IsNone ? "null"u8 : value.Utf8.Span, skipInputValidation: true);

    private static RawJson Copy(ref Utf8JsonReader reader)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return new RawJson(JsonMarshal.GetRawUtf8Value(document.RootElement).ToArray());
    }
}
