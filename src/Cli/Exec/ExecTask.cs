using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Elasticity.Api.Http;
using Elasticity.Domain;

namespace Elasticity.Cli.Exec;

/// <summary>The payload of a task of the kind <c>exec</c>: docs/reference/jobfile.schema.json.</summary>
internal sealed record ExecTask
{
    /// <summary>The kind.</summary>
    public const string Kind = "exec";

    /// <summary>The longest time-out: 30 days.</summary>
    public const double TimeoutSecondsMax = 2_592_000;

    /// <summary>What <c>sh -c</c> executes; <c>cmd.exe</c> on Windows.</summary>
    public required string Command { get; init; }

    /// <summary>What <c>{}</c> in the command stands for; null leaves the command as it is.</summary>
    public string? Argument { get; init; }

    /// <summary>The argument where it is no UTF-8 text, in base 64.</summary>
    public byte[]? ArgumentBase64 { get; init; }

    /// <summary>Where it runs; null means where the worker runs.</summary>
    public string? Directory { get; init; }

    /// <summary>Added to the worker's environment.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>How long it may run, in seconds; null means as long as it likes.</summary>
    public double? TimeoutSeconds { get; init; }

    /// <summary>Reads a payload.</summary>
    /// <returns>The task; or what is wrong with it, as a sentence.</returns>
    public static (ExecTask? Task, string? Problem) Read(Payload payload)
    {
        try
        {
            ExecTask? task = JsonSerializer.Deserialize(payload.Bytes.Span, ExecJson.Default.ExecTask);
            return task is null ? (null, "An exec task needs a payload.") : (task, task.Problem());
        }
        catch (JsonException) when (payload.Bytes.IsEmpty)
        {
            return (null, "An exec task needs a payload: {\"command\":…}.");
        }
        catch (JsonException e)
        {
            return (null, "The payload of an exec task is {\"command\":…}: "
                + JsonProblem.Explain(e, "$.payload"));
        }
    }

    /// <summary>Makes the payload of a line of input.</summary>
    /// <param name="command">The command.</param>
    /// <param name="argument">The line, any bytes.</param>
    /// <param name="timeout">How long it may run; null means as long as it likes.</param>
    /// <returns>JSON. The bytes enter the job's digest: for the same input they are the same in every
    /// release.</returns>
    public static Payload Write(string command, ReadOnlySpan<byte> argument, TimeSpan? timeout)
    {
        using MemoryStream bytes = new();
        JsonWriterOptions relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter json = new(bytes, relaxed))
        {
            json.WriteStartObject();
            json.WriteString("command", command);
            if (Utf8.IsValid(argument))
            {
                json.WriteString("argument", argument);
            }
            else
            {
                json.WriteBase64String("argumentBase64", argument);
            }

            if (timeout is { } limit)
            {
                json.WriteNumber("timeoutSeconds", limit.TotalSeconds);
            }

            json.WriteEndObject();
        }

        return new Payload(bytes.ToArray());
    }

    /// <summary>What is wrong with it, as a sentence; null for nothing.</summary>
    public string? Problem() =>
        Argument is not null && ArgumentBase64 is not null ? "Give argument or argumentBase64, not both."
        : Argument?.Contains('\0', StringComparison.Ordinal) == true || ArgumentBase64?.Contains((byte)0) == true
            ? "An argument holds no NUL."
        : Command.Contains('\0', StringComparison.Ordinal) ? "A command holds no NUL."
        : TimeoutSeconds is not (null or (> 0 and <= TimeoutSecondsMax))
            ? $"timeoutSeconds is more than 0 and at most {TimeoutSecondsMax}."
        : Environment?.Keys.FirstOrDefault(k => k.Length == 0 || k.Contains('=', StringComparison.Ordinal)) is { } key
            ? $"'{key}' is no name of an environment variable."
        : Environment?.FirstOrDefault(e => e.Value is null).Key is { } unset
            ? $"The environment variable '{unset}' has no value."
        : Encoding.UTF8.GetByteCount(Argument ?? string.Empty) > ShellCommand.ArgumentBytesMax
            || (ArgumentBase64 is not null && ShellCommand.PassedLength(ArgumentBase64) > ShellCommand.ArgumentBytesMax)
            || Encoding.UTF8.GetByteCount(Command) > ShellCommand.ArgumentBytesMax / 2
            ? $"An argument has at most {ShellCommand.ArgumentBytesMax} bytes, a command half as many."
        : HasArgument ? ShellTemplate.Expand(Command).Problem
        : null;

    /// <summary>Whether <c>{}</c> stands for something.</summary>
    [JsonIgnore]
    public bool HasArgument => Argument is not null || ArgumentBase64 is not null;
}

/// <summary>The JSON of exec tasks.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ExecTask))]
internal sealed partial class ExecJson : JsonSerializerContext;
