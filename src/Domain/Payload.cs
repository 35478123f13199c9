using System.Text;

namespace Elasticity.Domain;

/// <summary>The input or the result of a task: UTF-8 JSON, kept as given, compared byte by byte. The default value is
/// "none".</summary>
/// <param name="Bytes">The bytes; the caller no longer changes them.</param>
public readonly record struct Payload(ReadOnlyMemory<byte> Bytes)
{
    /// <summary>No payload.</summary>
    public static Payload None => default;

    /// <summary>Whether there is none.</summary>
    public bool IsNone => Bytes.IsEmpty;

    /// <summary>The length in bytes.</summary>
    public int Length => Bytes.Length;

    /// <summary>Makes a payload from JSON text.</summary>
    /// <param name="json">JSON; not checked here.</param>
    /// <returns>The payload.</returns>
    public static Payload FromJson(string json) => new(Encoding.UTF8.GetBytes(json));

    /// <inheritdoc/>
    public bool Equals(Payload other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>The JSON text.</summary>
    /// <returns>The text; empty for none.</returns>
    public override string ToString() => Encoding.UTF8.GetString(Bytes.Span);
}
