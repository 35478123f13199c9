using System.Text.Json.Nodes;

namespace Elasticity.EventStore.Tests;

/// <summary>JSON that is well-formed and says something else.</summary>
internal static class DamagedJson
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e999", "2147483648", "99999999999999999999", "0.5", "\"\"", "\"x\"",
        "\"00:00:01\"", "\"-1.00:00:00\"", "\"2026-13-01\"", "\"0001-01-01T00:00:00+00:00\"", "{}", "[]",
        "[[]]", "[null]", "[{}]",
    ];

    /// <summary>Changes one place: its value, its name, that it is there, or how often.</summary>
    public static string Change(string json, Random random)
    {
        JsonNode root = JsonNode.Parse(json)!;
        JsonNode[] parents = [.. Inner(root).Where(n => n is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })];
        if (parents.Length == 0)
        {
            return Values[random.Next(Values.Length)];
        }

        switch (parents[random.Next(parents.Length)])
        {
            case JsonObject o:
                string name = o.ElementAt(random.Next(o.Count)).Key;
                Change(o, name, random);
                break;
            case JsonArray a when random.Next(4) == 0:
                a.RemoveAt(random.Next(a.Count));
                break;
            case JsonArray a when random.Next(3) == 0:
                a.Insert(random.Next(a.Count + 1), a[random.Next(a.Count)]?.DeepClone());
                break;
            case JsonArray a:
                a[random.Next(a.Count)] = Value(root, random);
                break;
        }

        return root.ToJsonString();
    }

    private static void Change(JsonObject o, string name, Random random)
    {
        switch (random.Next(5)) // Mostly another value.
        {
            case 0:
                o.Remove(name);
                break;
            case 1:
                JsonNode? value = o[name];
                o.Remove(name);
                o[random.Next(2) == 0 ? name + "s" : name.ToUpperInvariant()] = value;
                break;
            default:
                o[name] = Value(o, random);
                break;
        }
    }

    /// <summary>Any value, or one from elsewhere in the same document.</summary>
    private static JsonNode? Value(JsonNode root, Random random)
    {
        JsonNode[] others = [.. Inner(root)];
        return random.Next(3) == 0
            ? others[random.Next(others.Length)].DeepClone()
            : JsonNode.Parse(Values[random.Next(Values.Length)]);
    }

    private static IEnumerable<JsonNode> Inner(JsonNode node) => node switch
    {
        JsonObject o => o.Select(p => p.Value).OfType<JsonNode>().SelectMany(Inner).Prepend(node),
        JsonArray a => a.OfType<JsonNode>().SelectMany(Inner).Prepend(node),
        _ => [node],
    };
}
