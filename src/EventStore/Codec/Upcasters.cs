using System.Text.Json;
using System.Text.Json.Nodes;

namespace Elasticity.EventStore.Codec;

/// <summary>Makes today's events of those that older releases stored, when they are read. What is stored never
/// changes.</summary>
/// <remarks>A chain: <c>task-leased-1</c> becomes <c>task-leased-2</c> becomes <c>task-leased-3</c>, each step written
/// once.</remarks>
public sealed class Upcasters
{
    private readonly Dictionary<string, (string To, Func<JsonObject, JsonObject> Change)> _steps = [];

    /// <summary>The steps of this release. None yet: every stored type is at version 1.</summary>
    public static Upcasters Current { get; } = new();

    /// <summary>The stored types of older releases that it brings up to date.</summary>
    public IReadOnlyCollection<string> Sources => _steps.Keys;

    /// <summary>Adds a step.</summary>
    /// <param name="from">The stored type of the older release.</param>
    /// <param name="to">The type that it becomes.</param>
    /// <param name="change">Makes the new content of the old one.</param>
    /// <returns>This object.</returns>
    /// <exception cref="ArgumentException">There is a step for this type already.</exception>
    public Upcasters Add(string from, string to, Func<JsonObject, JsonObject> change)
    {
        _steps.Add(from, (to, change));
        return this;
    }

    /// <summary>Brings type and content up to date.</summary>
    /// <param name="type">The stored type.</param>
    /// <param name="content">The stored content.</param>
    /// <returns>The current type and content; the same when there is nothing to do.</returns>
    /// <exception cref="JsonException">The content is not what the stored type holds.</exception>
    internal (string Type, ReadOnlyMemory<byte> Content) Apply(string type, ReadOnlyMemory<byte> content)
    {
        while (_steps.TryGetValue(type, out (string To, Func<JsonObject, JsonObject> Change) step))
        {
            JsonObject old = JsonNode.Parse(content.Span) as JsonObject
                ?? throw new JsonException("The content is no object.");
            content = JsonSerializer.SerializeToUtf8Bytes(step.Change(old), NodeJson.Default.JsonObject);
            type = step.To;
        }

        return (type, content);
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonObject))]
internal sealed partial class NodeJson : System.Text.Json.Serialization.JsonSerializerContext;
