using System.Text.Encodings.Web;
using System.Text.Json;
using Elasticity.Cli.Exec;
using Elasticity.Engine;

namespace Elasticity.Cli.Run;

/// <summary>One line of a results file: docs/guides/run.md describes it.</summary>
internal static class ResultLine
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>How many attempts a task took.</summary>
    public static int AttemptsOf(TaskView task) => task.Attempts + (task.State == "succeeded" ? 1 : 0);

    /// <summary>Writes a task with its payloads as a line.</summary>
    public static void Write(Stream stream, TaskView task)
    {
        using (Utf8JsonWriter json = new(stream, Relaxed))
        {
            json.WriteStartObject();
            json.WriteNumber("task", task.Task.Index);
            Text(json, "name", task.Name);
            (ExecTask? exec, _) = ExecTask.Read(task.Payload);
            Text(json, "argument", exec?.Argument);
            Bytes(json, "argumentBase64", exec?.ArgumentBase64);
            json.WriteString("state", task.State);
            json.WriteNumber("attempts", AttemptsOf(task));
            WriteResult(json, ExecResult.Read(task.Result));
            Text(json, "failure", task.Failure?.Code);
            Text(json, "message", task.Failure?.Message);
            Text(json, "reason", task.Reason);
            Number(json, "skippedBecauseOf", task.SkipCause);
            Time(json, "startedAt", task.StartedAt);
            Time(json, "endedAt", task.EndedAt);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteResult(Utf8JsonWriter json, ExecResult? result)
    {
        if (result is null)
        {
            return;
        }

        Number(json, "exitCode", result.ExitCode);
        json.WriteNumber("seconds", result.Seconds);
        Text(json, "output", result.Output);
        Bytes(json, "outputBase64", result.OutputBase64);
        Number(json, "outputDropped", result.OutputDropped);
        Text(json, "errorOutput", result.ErrorOutput);
        Bytes(json, "errorOutputBase64", result.ErrorOutputBase64);
        Number(json, "errorOutputDropped", result.ErrorOutputDropped);
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void Bytes(Utf8JsonWriter json, string name, byte[]? value)
    {
        if (value is not null)
        {
            json.WriteBase64String(name, value);
        }
    }

    private static void Number(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? value)
    {
        if (value is { } time)
        {
            json.WriteString(name, time.UtcDateTime);
        }
    }
}
