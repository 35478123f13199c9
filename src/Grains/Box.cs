
namespace Elasticity.Grains;

/// <summary>The state of a journaled grain: Orleans wants an object that it can make and change, the domain has
/// immutable values.</summary>
/// <typeparam name="T">The value.</typeparam>
[GenerateSerializer]
[Alias("elasticity.box`1")]
public sealed class Box<T>
    where T : class
{
    /// <summary>The value; null before it was read.</summary>
    [Id(0)]
    [Immutable]
    public T? Value { get; set; }
}
