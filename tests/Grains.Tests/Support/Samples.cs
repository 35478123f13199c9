using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using Elasticity.Domain;
using Elasticity.EventStore;

namespace Elasticity.Grains.Tests.Support;

/// <summary>Makes values in which no member is its default, so that one which gets lost shows.</summary>
internal sealed class Samples
{
    private int _next;

    /// <summary>Makes one.</summary>
    public object Make(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Simple(type) is { } simple)
        {
            return simple;
        }

        if (type.IsEnum)
        {
            return type.GetEnumValues().Cast<object>().Last();
        }

        if (type.IsGenericType && Collection(type) is { } collection)
        {
            return collection;
        }

        if (type.IsAbstract)
        {
            return Make(type.GetNestedTypes().First(type.IsAssignableFrom));
        }

        ConstructorInfo constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        object made = constructor.Invoke([.. constructor.GetParameters().Select(p => Make(p.ParameterType))]);
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite))
        {
            bool isGiven = constructor.GetParameters().Any(p => p.Name == property.Name);
            if (!isGiven)
            {
                property.SetValue(made, Make(property.PropertyType));
            }
        }

        return made;
    }

    /// <summary>Everything that can be seen of a value, as text.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "null",
        string s => $"\"{s}\"",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        DateTimeOffset t => t.ToString("O", CultureInfo.InvariantCulture),
        IDictionary map => string.Join(
            ",",
            map.Keys.Cast<object>().Select(k => $"{Describe(k)}={Describe(map[k])}").Order(StringComparer.Ordinal)),
        IEnumerable items => $"[{string.Join(",", items.Cast<object?>().Select(Describe))}]",
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        bool b => b ? "true" : "false",
        _ => Members(value),
    };

    private static string Members(object value)
    {
        StringBuilder text = new($"{value.GetType().Name}{{");
        foreach (PropertyInfo property in value.GetType()
            .GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"{property.Name}:{Describe(property.GetValue(value))};");
        }

        return text.Append('}').ToString();
    }

    private object? Simple(Type type) => type switch
    {
        _ when type == typeof(string) => $"text-{++_next}",
        _ when type == typeof(int) => ++_next,
        _ when type == typeof(long) => (long)++_next,
        _ when type == typeof(double) => ++_next / 1_024.0,
        _ when type == typeof(bool) => true,
        _ when type == typeof(Guid) => new Guid(++_next, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]),
        _ when type == typeof(TimeSpan) => TimeSpan.FromMilliseconds(++_next),
        _ when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch.AddTicks(++_next),
        _ when type == typeof(Payload) => Payload.FromJson($"{++_next}"),
        _ when type == typeof(ReadOnlyMemory<byte>) => new ReadOnlyMemory<byte>([(byte)++_next, 2, 3]),
        _ when type == typeof(Hash256) => Hash256.Of([(byte)++_next]),
        _ => null,
    };

    private object? Collection(Type type)
    {
        Type open = type.GetGenericTypeDefinition();
        Type[] arguments = type.GetGenericArguments();
        string? maker = open == typeof(ImmutableArray<>) ? nameof(MakeArray)
            : open == typeof(IReadOnlyList<>) ? nameof(MakeList)
            : open == typeof(ImmutableSortedDictionary<,>) ? nameof(MakeSortedMap)
            : open == typeof(ImmutableDictionary<,>) ? nameof(MakeMap)
            : null;
        return maker is null ? null : typeof(Samples)
            .GetMethod(maker, BindingFlags.NonPublic | BindingFlags.Instance)!
            .MakeGenericMethod(arguments).Invoke(this, null);
    }

    private ImmutableArray<T> MakeArray<T>() => [(T)Make(typeof(T)), (T)Make(typeof(T))];

    private List<T> MakeList<T>() => [(T)Make(typeof(T)), (T)Make(typeof(T))];

    private ImmutableSortedDictionary<TKey, TValue> MakeSortedMap<TKey, TValue>()
        where TKey : notnull =>
        ImmutableSortedDictionary<TKey, TValue>.Empty.Add((TKey)Make(typeof(TKey)), (TValue)Make(typeof(TValue)));

    private ImmutableDictionary<TKey, TValue> MakeMap<TKey, TValue>()
        where TKey : notnull =>
        ImmutableDictionary<TKey, TValue>.Empty.Add((TKey)Make(typeof(TKey)), (TValue)Make(typeof(TValue)));
}
