using System.Collections.Immutable;
using Elasticity.Domain;

namespace Elasticity.Api.Http;

/// <summary>Reads values of requests; what cannot be read is refused as <c>invalid</c>.</summary>
internal static class Read
{
    private const int CursorLengthMax = 512;

    public static JobId Job(string id) => new(Id("job", id));

    public static AgentId Agent(string id) => new(Id("agent", id));

    public static SessionId Session(string id) => new(Id("session", id));

    public static TaskId Task(string job, int index) => new(Job(job), index);

    /// <summary>Seconds as a time. Out of range, it becomes the nearest there is: the domain knows the
    /// limits.</summary>
    public static TimeSpan Seconds(double seconds) =>
        seconds >= TimeSpan.MaxValue.TotalSeconds ? TimeSpan.MaxValue
        : seconds <= TimeSpan.MinValue.TotalSeconds ? TimeSpan.MinValue
        : TimeSpan.FromSeconds(seconds);

    public static int Limit(int? asked, int most, ApiOptions options)
    {
        int limit = asked ?? Math.Min(options.PageDefault, most);
        return limit < 1 ? throw Invalid($"limit is 1 to {most}, not {limit}.")
            : limit > most
                ? throw new RefusedException(RejectionCode.LimitExceeded, $"limit is 1 to {most}, not {limit}.")
            : limit;
    }

    public static long? Version(long? version) =>
        version < 0 ? throw Invalid($"version is at least 0, not {version}.") : version;

    public static string? Cursor(string? cursor) =>
        cursor is null ? null
        : cursor.Length is > 0 and <= CursorLengthMax && !cursor.AsSpan().ContainsAnyExceptInRange('!', '~') ? cursor
        : throw Invalid("The cursor is none: take it from 'next' of the page before.");

    public static string? Word(string name, string? word, ReadOnlySpan<string> words) =>
        word is null || words.Contains(word)
            ? word
            : throw Invalid($"{name} is {string.Join(", ", words.ToArray())}, not '{Identifier.Shorten(word)}'.");

    public static ImmutableSortedDictionary<string, string> Labels(IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null || labels.Count == 0)
        {
            return ImmutableSortedDictionary<string, string>.Empty;
        }

        ImmutableSortedDictionary<string, string>.Builder builder =
            ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in labels)
        {
            builder[key] = value ?? throw Invalid($"The label '{Identifier.Shorten(key)}' is null.");
        }

        return builder.ToImmutable();
    }

    /// <summary>An element of a list; JSON can say null where the type cannot.</summary>
    public static T Element<T>(T? element, string list, int place)
        where T : class => element ?? throw Invalid($"{list}[{place}] is null.");

    public static ImmutableArray<string> Texts(IReadOnlyList<string>? texts, string list)
    {
        if (texts is null)
        {
            return [];
        }

        ImmutableArray<string>.Builder builder = ImmutableArray.CreateBuilder<string>(texts.Count);
        for (int i = 0; i < texts.Count; i++)
        {
            builder.Add(Element(texts[i], list, i));
        }

        return builder.DrainToImmutable();
    }

    public static RefusedException Invalid(string detail) => new(RejectionCode.Invalid, detail);

    private static string Id(string what, string id) => Identifier.IsValid(id)
        ? id
        : throw Invalid(
            $"The id of a {what} is 1 to {Identifier.LengthMax} of [A-Za-z0-9._-], not '{Identifier.Shorten(id)}'.");
}
