using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Elasticity.Contracts;

namespace Elasticity.Api.Tests.OpenApi;

/// <summary>The schemas of the messages, with the sentences that stand above them in the code.</summary>
internal sealed partial class Schemas
{
    private static readonly Dictionary<string, string> Texts = ReadTexts();

    private readonly SortedDictionary<string, JsonNode> _components = new(StringComparer.Ordinal);

    /// <summary>A reference to the schema of a message, or the schema of a value.</summary>
    public JsonNode Of(Type type)
    {
        if (!IsMessage(type))
        {
            return Value(type);
        }

        string name = NameOf(type);
        if (!_components.ContainsKey(name))
        {
            _components.Add(name, new JsonObject()); // It may contain itself.
            _components[name] = Message(type);
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    /// <summary>All schemas that were referred to.</summary>
    public JsonObject Components() => new(_components.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value)));

    private static bool IsMessage(Type type) => type.Assembly == typeof(ContractsJson).Assembly
        && type != typeof(RawJson) && type != typeof(TaskReference);

    private static string NameOf(Type type)
    {
        string name = type.Name.Split('`')[0];
        name = name.EndsWith("Document", StringComparison.Ordinal) ? name[..^"Document".Length] : name;
        return type.IsGenericType ? NameOf(type.GetGenericArguments()[0]) + name : name;
    }

    private JsonObject Message(Type type)
    {
        JsonObject properties = [];
        JsonArray required = [];
        foreach (JsonPropertyInfo property in ContractsJson.Default.GetTypeInfo(type)!.Properties)
        {
            JsonNode schema = Of(property.PropertyType);
            string key = $"P:{DocumentedName(type)}.{((PropertyInfo)property.AttributeProvider!).Name}";
            if (Texts.TryGetValue(key, out string? text))
            {
                schema["description"] = text; // Beside $ref, OpenAPI 3.1 allows it.
            }

            properties.Add(property.Name, schema);
            if (property.IsRequired)
            {
                required.Add(property.Name);
            }
        }

        JsonObject message = new() { ["type"] = "object", ["properties"] = properties };
        if (Texts.TryGetValue($"T:{DocumentedName(type)}", out string? summary))
        {
            message.Insert(0, "description", summary);
        }

        if (required.Count > 0)
        {
            message.Add("required", required);
        }

        return message;
    }

    private JsonNode Value(Type type)
    {
        if (type == typeof(RawJson))
        {
            return new JsonObject();
        }

        if (type == typeof(TaskReference))
        {
            return new JsonObject { ["type"] = new JsonArray("integer", "string") };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            return new JsonObject { ["type"] = "array", ["items"] = Of(type.GetGenericArguments()[0]) };
        }

        Type bare = Nullable.GetUnderlyingType(type) ?? type;
        if (bare == typeof(DateTimeOffset))
        {
            return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
        }

        JsonNode schema = JsonSerializerOptions.Default.GetJsonSchemaAsNode(
            bare, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });
        if (bare == typeof(int) || bare == typeof(long))
        {
            schema["format"] = bare == typeof(int) ? "int32" : "int64";
        }

        return schema;
    }

    private static string DocumentedName(Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!;

    private static Dictionary<string, string> ReadTexts()
    {
        string file = Path.ChangeExtension(typeof(ContractsJson).Assembly.Location, ".xml");
        return XDocument.Load(file).Descendants("member")
            .Where(m => m.Element("summary") is not null)
            .ToDictionary(m => m.Attribute("name")!.Value, m => TextOf(m.Element("summary")!));
    }

    private static string TextOf(XElement summary)
    {
        foreach (XElement reference in summary.Descendants("see").ToArray())
        {
            string name = reference.Attribute("cref")!.Value.Split('.', ':')[^1];
            reference.ReplaceWith(char.ToLowerInvariant(name[0]) + name[1..]);
        }

        return Spaces().Replace(summary.Value, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
