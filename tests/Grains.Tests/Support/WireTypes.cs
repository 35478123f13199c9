using System.Reflection;

namespace Elasticity.Grains.Tests.Support;

/// <summary>Finds the types of ours that can be in a message between grains.</summary>
internal static class WireTypes
{
    /// <summary>What the methods of interfaces take and give, and whatever that can hold, without the abstract
    /// ones and numbers with names.</summary>
    public static IReadOnlyList<Type> ReachableFrom(IEnumerable<Type> contracts)
    {
        HashSet<Type> seen = [];
        Queue<Type> next = new(contracts.SelectMany(c => c.GetMethods())
            .SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType)));
        while (next.TryDequeue(out Type? type))
        {
            if (!seen.Add(type))
            {
                continue;
            }

            foreach (Type inner in Inside(type))
            {
                next.Enqueue(inner);
            }
        }

        return
        [
            .. seen.Where(t => WireJson.Holds(t) && t is { IsAbstract: false, IsEnum: false })
                .OrderBy(t => t.ToString(), StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<Type> Inside(Type type)
    {
        if (type.IsGenericType)
        {
            return WireJson.Holds(type)
                ? [.. type.GetGenericArguments(), .. Properties(type)]
                : type.GetGenericArguments();
        }

        return !WireJson.Holds(type) ? []
            : type.IsAbstract ? type.GetNestedTypes().Where(type.IsAssignableFrom)
            : Properties(type);
    }

    private static IEnumerable<Type> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.PropertyType);
}
