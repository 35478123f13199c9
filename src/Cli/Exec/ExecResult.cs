using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Elasticity.Domain;

namespace Elasticity.Cli.Exec;

/// <summary>The result of a task of the kind <c>exec</c>, as it is stored.</summary>
internal sealed record ExecResult
{
    /// <summary>The exit code; 128 + n for a command that was ended by signal n; null when it did not start.</summary>
    public int? ExitCode { get; init; }

    /// <summary>How long it took, in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>What it wrote to standard output.</summary>
    public string? Output { get; init; }

    /// <summary>The same in base 64, where it is no UTF-8 text.</summary>
    public byte[]? OutputBase64 { get; init; }

    /// <summary>How many bytes of it were dropped, from its beginning; null for none.</summary>
    public long? OutputDropped { get; init; }

    /// <summary>What it wrote to standard error.</summary>
    public string? ErrorOutput { get; init; }

    /// <summary>The same in base 64, where it is no UTF-8 text.</summary>
    public byte[]? ErrorOutputBase64 { get; init; }

    /// <summary>How many bytes of it were dropped, from its beginning; null for none.</summary>
    public long? ErrorOutputDropped { get; init; }

    /// <summary>Reads a stored result.</summary>
    /// <returns>Null when it is not the result of an exec task.</returns>
    public static ExecResult? Read(Payload payload)
    {
        try
        {
            return payload.IsNone
                ? null
                : JsonSerializer.Deserialize(payload.Bytes.Span, ExecResultJson.Default.ExecResult);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Makes the stored form. Where escaping would make it larger than a result may be, more of the output is
    /// dropped.</summary>
    public static Payload Write(int? exitCode, TimeSpan took, OutputTail output, OutputTail errorOutput)
    {
        for (int limit = int.MaxValue; ; limit = Math.Min(limit, 128 * 1024) / 2)
        {
            Payload payload = Write(exitCode, took, output, errorOutput, limit);
            if (payload.Length <= Limits.Default.PayloadBytesMax)
            {
                return payload;
            }
        }
    }

    private static Payload Write(int? exitCode, TimeSpan took, OutputTail output, OutputTail errorOutput, int limit)
    {
        using MemoryStream bytes = new();
        JsonWriterOptions relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter json = new(bytes, relaxed))
        {
            json.WriteStartObject();
            if (exitCode is { } code)
            {
                json.WriteNumber("exitCode", code);
            }

            json.WriteNumber("seconds", Math.Round(took.TotalSeconds, 3));
            Write(json, "output", output, limit);
            Write(json, "errorOutput", errorOutput, limit);
            json.WriteEndObject();
        }

        return new Payload(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter json, string name, OutputTail tail, int limit)
    {
        (byte[] last, long dropped) = tail.Last(limit);
        if (Utf8.IsValid(last))
        {
            json.WriteString(name, last);
        }
        else
        {
            json.WriteBase64String($"{name}Base64", last);
        }

        if (dropped > 0)
        {
            json.WriteNumber($"{name}Dropped", dropped);
        }
    }
}

/// <summary>The JSON of results.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExecResult))]
internal sealed partial class ExecResultJson : JsonSerializerContext;
