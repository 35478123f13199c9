using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Elasticity.Domain.Jobs;

namespace Elasticity.Domain.Tests.Support;

/// <summary>The whole content of a value as text. Records that hold arrays are equal only if they hold the same array;
/// their texts are equal when their content is.</summary>
internal static class Show
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = new();

    public static string Of(object? value) => value switch
    {
        null => "none",
        string text => $"\"{text}\"",
        bool yes => yes ? "true" : "false",
        Enum word => word.ToString(),
        DateTimeOffset at => at.ToString("yyyy-MM-ddTHH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture),
        TimeSpan length => length.ToString("c"),
        Payload payload => $"`{payload}`",
        IFormattable number when value.GetType().IsPrimitive => number.ToString(null, CultureInfo.InvariantCulture),
        PersistentArray<JobTaskStatus> many => Of(Enumerable.Range(0, many.Count).Select(i => many[i])),
        PersistentArray<bool> many => Of(Enumerable.Range(0, many.Count).Select(i => many[i])),
        PersistentArray<int> many => Of(Enumerable.Range(0, many.Count).Select(i => many[i])),
        JobId or AgentId or SessionId or TaskId => value.ToString()!,
        IEnumerable many => $"[{string.Join(", ", Items(many).Select(Of))}]",
        _ => $"{value.GetType().Name}({string.Join(", ", Properties(value))})",
    };

    private static IEnumerable<object?> Items(IEnumerable many) =>
        IsUnset(many) ? [] : many.Cast<object?>();

    // An immutable array that was never set throws when it is walked through.
    private static bool IsUnset(IEnumerable many) => many.GetType().GetProperty("IsDefault")?.GetValue(many) is true;

    private static IEnumerable<string> Properties(object value) =>
        from property in Known.GetOrAdd(value.GetType(), PropertiesOf)
        select $"{property.Name}: {Of(property.GetValue(value))}";

    private static PropertyInfo[] PropertiesOf(Type type) =>
    [
        .. from property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
           where property.GetIndexParameters().Length == 0
           select property,
    ];
}
