using System.Diagnostics.CodeAnalysis;
using Elasticity.Domain;

namespace Elasticity.Engine;

/// <summary>An answer, or an expected "no".</summary>
/// <typeparam name="T">The answer.</typeparam>
/// <param name="Value">The answer; null when refused.</param>
/// <param name="Rejection">Why it was refused; null when answered.</param>
public readonly record struct Reply<T>(T? Value, Rejection? Rejection)
    where T : class
{
    /// <summary>Whether there is an answer.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Rejection))]
    public bool IsAccepted => Rejection is null;

    /// <summary>An answer.</summary>
    /// <param name="value">The answer.</param>
    public static implicit operator Reply<T>(T value) => new(value, null);

    /// <summary>A "no".</summary>
    /// <param name="rejection">Why.</param>
    public static implicit operator Reply<T>(Rejection rejection) => new(null, rejection);
}

/// <summary>Part of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">The items.</param>
/// <param name="Next">What to ask the next page with, opaque; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
