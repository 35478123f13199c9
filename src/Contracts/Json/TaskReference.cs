using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Elasticity.Contracts;

/// <summary>A task of the same job: its index (a JSON number) or its name (a JSON string).</summary>
[JsonConverter(typeof(TaskReferenceConverter))]
public readonly record struct TaskReference
{
    /// <summary>Refers by index.</summary>
    /// <param name="index">0 to the number of tasks - 1.</param>
    public TaskReference(int index) => Index = index;

    /// <summary>Refers by name.</summary>
    /// <param name="name">The name of exactly one task of the job.</param>
    public TaskReference(string name) => Name = name;

    /// <summary>The index, where <see cref="Name"/> is null.</summary>
    public int Index { get; }

    /// <summary>The name; null for a reference by index.</summary>
    public string? Name { get; }

    /// <summary>Refers by index.</summary>
    /// <param name="index">0 to the number of tasks - 1.</param>
    public static implicit operator TaskReference(int index) => new(index);

    /// <summary>Refers by name.</summary>
    /// <param name="name">The name of exactly one task of the job.</param>
    public static implicit operator TaskReference(string name) => new(name);

    /// <inheritdoc/>
    public override string ToString() => Name ?? Index.ToString(CultureInfo.InvariantCulture);
}

internal sealed class TaskReferenceConverter : JsonConverter<TaskReference>
{
    public override TaskReference Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.String => new TaskReference(reader.GetString()!),
            JsonTokenType.Number when reader.TryGetInt32(out int index) => new TaskReference(index),
            _ => throw new JsonException("A dependency is the index or the name of a task."),
        };

    public override void Write(Utf8JsonWriter writer, TaskReference value, JsonSerializerOptions options)
    {
        if (value.Name is { } name)
        {
            writer.WriteStringValue(name);
        }
        else
        {
            writer.WriteNumberValue(value.Index);
        }
    }
}
