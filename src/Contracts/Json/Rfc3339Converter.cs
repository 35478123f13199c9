using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Elasticity.Contracts;

/// <summary>Times as RFC 3339: written in UTC, read with any offset, but never without one (whose clock would it
/// be?).</summary>
internal sealed class Rfc3339Converter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";
    private const int LengthMax = 33; // yyyy-MM-ddTHH:mm:ss.fffffff+hh:mm

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out DateTimeOffset time)
            && HasOffset(reader.ValueSpan))
        {
            return time.ToUniversalTime();
        }

        throw new JsonException("A time is RFC 3339 with an offset, such as 2026-01-31T23:59:59Z.");
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[LengthMax];
        value.UtcDateTime.TryFormat(text, out int length, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }

    private static bool HasOffset(ReadOnlySpan<byte> text) =>
        text is [.., (byte)'Z'] or [.., (byte)'+' or (byte)'-', _, _, (byte)':', _, _];
}
