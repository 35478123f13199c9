using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Elasticity.Domain;

namespace Elasticity.Engine.Embedded.Tests.Reference;

/// <summary>What a type of the domain looks like as stored JSON.</summary>
internal static class StoredShape
{
    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The stored members, in the order in which they are declared; <c>at</c> of events first.</summary>
    public static IEnumerable<PropertyInfo> Members(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.GetCustomAttribute<JsonIgnoreAttribute>() is null && p.SetMethod is not null)
        .OrderBy(p => p.Name != "At");

    /// <summary>The name of a member in JSON.</summary>
    public static string Name(string member) => JsonNamingPolicy.CamelCase.ConvertName(member);

    /// <summary>Whether a member is left out where it is null.</summary>
    public static bool IsOptional(PropertyInfo member) =>
        Nullable.GetUnderlyingType(member.PropertyType) is not null
        || Nullability.Create(member).ReadState == NullabilityState.Nullable;

    /// <summary>What a member is in JSON, in words; records by the name of their type.</summary>
    public static string Word(Type type)
    {
        Type bare = Bare(type);
        return ItemOf(bare) is { } item ? $"list of {Word(item)}"
            : IsLabels(bare) ? "object of texts"
            : bare == typeof(Payload) ? "number of bytes"
            : bare == typeof(DateTimeOffset) ? "time"
            : bare == typeof(TimeSpan) ? "duration"
            : bare == typeof(bool) ? "true or false"
            : bare.IsEnum || IsRecord(bare) ? $"[{bare.Name}](#{bare.Name.ToLowerInvariant()})"
            : bare.IsPrimitive ? "number"
            : "text";
    }

    /// <summary>The records and enums that a type is made of, directly.</summary>
    public static IEnumerable<Type> Parts(Type type) => Members(type)
        .Select(m => Bare(m.PropertyType))
        .Select(t => ItemOf(t) is { } item ? Bare(item) : t)
        .Where(t => t.IsEnum || IsRecord(t));

    /// <summary>Every member at any depth, such as <c>.lease.token</c>.</summary>
    public static IEnumerable<string> Paths(Type type) => Members(type).SelectMany(m =>
    {
        Type bare = Bare(m.PropertyType);
        Type inner = ItemOf(bare) is { } item ? Bare(item) : bare;
        string path = $".{Name(m.Name)}";
        return IsRecord(inner) ? Paths(inner).Select(p => path + p).Prepend(path) : [path];
    });

    /// <summary>Every member of a stored content at any depth.</summary>
    public static IEnumerable<string> Paths(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.Object when path.EndsWith(".labels", StringComparison.Ordinal) => [], // The keys are the user's.
        JsonValueKind.Object => element.EnumerateObject()
            .SelectMany(p => Paths(p.Value, $"{path}.{p.Name}").Prepend($"{path}.{p.Name}")),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(e => Paths(e, path)),
        _ => [],
    };

    private static Type Bare(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static Type? ItemOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
            ? type.GetGenericArguments()[0]
            : null;

    private static bool IsLabels(Type type) => type == typeof(ImmutableSortedDictionary<string, string>);

    // Ids and payloads have converters of their own.
    private static bool IsRecord(Type type) =>
        type.Namespace!.StartsWith("Elasticity", StringComparison.Ordinal) && !type.IsEnum && type != typeof(Payload)
        && type != typeof(AgentId) && type != typeof(SessionId) && type != typeof(JobId);
}
