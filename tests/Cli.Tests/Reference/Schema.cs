using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Elasticity.Cli.Tests.Reference;

/// <summary>As much of JSON Schema 2020-12 as our schema uses; a keyword that it does not know is an error.</summary>
internal sealed class Schema(JsonElement root)
{
    /// <summary>What is wrong with a document; null for nothing.</summary>
    public string? Problem(JsonElement document) => Problem(root, document, "$");

    private string? Problem(JsonElement schema, JsonElement at, string path) => schema.EnumerateObject()
        .Select(keyword => Holds(schema, keyword, at, path) is { } problem ? $"{path}: {problem}" : null)
        .FirstOrDefault(problem => problem is not null);

    private string? Holds(JsonElement schema, JsonProperty keyword, JsonElement at, string path)
    {
        JsonElement value = keyword.Value;
        bool isObject = at.ValueKind == JsonValueKind.Object;
        return keyword.Name switch
        {
            "$schema" or "$id" or "$defs" or "title" or "description" => null,
            "then" => null, // With "if".
            "$ref" => Problem(root.GetProperty("$defs").GetProperty(value.GetString()!["#/$defs/".Length..]), at, path),
            "type" => Types(value).Any(t => Is(t, at)) ? null : $"it is no {value}",
            "enum" => value.EnumerateArray().Any(v => JsonElement.DeepEquals(v, at)) ? null : $"it is none of {value}",
            "const" => JsonElement.DeepEquals(value, at) ? null : $"it is not {value}",
            "not" => Problem(value, at, path) is null ? "it is what it must not be" : null,
            "anyOf" => value.EnumerateArray().Any(v => Problem(v, at, path) is null) ? null : "it is none of these",
            "if" => Problem(value, at, path) is null ? Problem(schema.GetProperty("then"), at, path) : null,
            "required" => isObject ? Missing(value, at) : null,
            "properties" => isObject ? Each(at, p => value.TryGetProperty(p.Name, out var s) ? s : null, path) : null,
            "additionalProperties" => isObject ? Additional(schema, value, at, path) : null,
            "propertyNames" => isObject ? Names(value, at, path) : null,
            "maxProperties" => isObject && at.EnumerateObject().Count() > value.GetInt32() ? "it is too large" : null,
            "items" => Items(value, at, path),
            "maxItems" => Length(at) > value.GetInt32() ? "it is too long" : null,
            _ => HoldsForValue(keyword, at),
        };
    }

    private static string? HoldsForValue(JsonProperty keyword, JsonElement at)
    {
        JsonElement value = keyword.Value;
        string? text = at.ValueKind == JsonValueKind.String ? at.GetString() : null;
        double? number = at.ValueKind == JsonValueKind.Number ? at.GetDouble() : null;
        bool holds = keyword.Name switch
        {
            "minimum" => number is not { } n || n >= value.GetDouble(),
            "maximum" => number is not { } n || n <= value.GetDouble(),
            "exclusiveMinimum" => number is not { } n || n > value.GetDouble(),
            "minLength" => text is null || text.Length >= value.GetInt32(),
            "maxLength" => text is null || new StringInfo(text).LengthInTextElements <= value.GetInt32(),
            "pattern" => text is null || Regex.IsMatch(text, Pattern(value)),
            "format" => text is null || IsTime(text),
            _ => throw new UnreachableException($"The test does not know the keyword {keyword.Name}."),
        };
        return holds ? null : $"it breaks {keyword.Name} {value}";
    }

    // In .NET "$" also fits before a line break at the end.
    private static string Pattern(JsonElement value) =>
        value.GetString()!.Replace("$", @"\z", StringComparison.Ordinal);

    private static string? Missing(JsonElement names, JsonElement at) => names.EnumerateArray()
        .Select(n => n.GetString()!).FirstOrDefault(n => !at.TryGetProperty(n, out _)) is { } name
        ? $"{name} is missing"
        : null;

    private string? Additional(JsonElement schema, JsonElement value, JsonElement at, string path) => Each(
        at,
        p => schema.TryGetProperty("properties", out JsonElement known) && known.TryGetProperty(p.Name, out _)
            ? null
            : value,
        path);

    private string? Each(JsonElement at, Func<JsonProperty, JsonElement?> schemaOf, string path) => at
        .EnumerateObject()
        .Select(p => schemaOf(p) is not { } schema ? null
            : schema.ValueKind == JsonValueKind.False ? $"{p.Name} is unknown"
            : Problem(schema, p.Value, $"{path}.{p.Name}"))
        .FirstOrDefault(problem => problem is not null);

    private string? Names(JsonElement schema, JsonElement at, string path) => at.EnumerateObject()
        .Select(p => Problem(schema, JsonSerializer.SerializeToElement(p.Name), $"{path}.{p.Name}"))
        .FirstOrDefault(problem => problem is not null);

    private string? Items(JsonElement schema, JsonElement at, string path) =>
        at.ValueKind != JsonValueKind.Array ? null : at.EnumerateArray().Index()
            .Select(item => Problem(schema, item.Item, $"{path}[{item.Index}]"))
            .FirstOrDefault(problem => problem is not null);

    private static int Length(JsonElement at) => at.ValueKind == JsonValueKind.Array ? at.GetArrayLength() : 0;

    private static IEnumerable<string> Types(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().Select(t => t.GetString()!)
        : [value.GetString()!];

    private static bool Is(string type, JsonElement at) => type switch
    {
        "null" => at.ValueKind == JsonValueKind.Null,
        "object" => at.ValueKind == JsonValueKind.Object,
        "array" => at.ValueKind == JsonValueKind.Array,
        "string" => at.ValueKind == JsonValueKind.String,
        "number" => at.ValueKind == JsonValueKind.Number,
        "integer" => at.ValueKind == JsonValueKind.Number && double.IsInteger(at.GetDouble()),
        _ => throw new UnreachableException($"There is no type {type}."),
    };

    private static bool IsTime(string text) =>
        Regex.IsMatch(text, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _);
}
