using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Elasticity.Contracts;
using Elasticity.Domain;

namespace Elasticity.Api.Http;

/// <summary>Finds out why a body could not be read. Only the code depends on it, so only bad bodies pay for being read
/// again.</summary>
internal static partial class JsonProblem
{
    /// <summary>The longest sentence of a reader or serializer that is passed on, in characters; they may name
    /// members, which may be as long as the body.</summary>
    private const int SentenceMax = 300;

    private static readonly JsonSerializerOptions AllowsTwice = new(ContractsJson.Default.Options)
    {
        TypeInfoResolver = ContractsJson.Default,
        AllowDuplicateProperties = true,
    };

    private static readonly JsonSerializerOptions SkipsUnknown = new(AllowsTwice)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    /// <summary>Explains a failure.</summary>
    /// <param name="message">What could not be read.</param>
    /// <param name="type">As what.</param>
    /// <param name="exception">The failure.</param>
    /// <param name="root">Where the message stands in a larger one, as a path.</param>
    /// <param name="linesBefore">How many lines of the larger one come before it.</param>
    public static RefusedException Of<T>(
        ReadOnlyMemory<byte> message,
        JsonTypeInfo<T> type,
        JsonException exception,
        string root = "$",
        long linesBefore = 0)
    {
        if (SyntaxError(message.Span) is { } syntax)
        {
            return OfSyntax(syntax, linesBefore);
        }

        string place = Place(exception, root, linesBefore);
        if (Fits(message.Span, type, AllowsTwice))
        {
            return new RefusedException(ProblemCode.BadJson, $"A member is given twice{place}.");
        }

        // What is wrong besides, as a member that is missing, is told when this one is gone.
        return UnknownMember().IsMatch(exception.Message) || Fits(message.Span, type, SkipsUnknown)
            ? new RefusedException(ProblemCode.UnknownField, $"Nobody knows the member{place}.")
            : new RefusedException(RejectionCode.Invalid, Sentence(exception, place));
    }

    /// <summary>Explains what is no JSON at all.</summary>
    /// <param name="exception">The failure, of a <see cref="Utf8JsonReader"/>.</param>
    /// <param name="linesBefore">How many lines come before what it read.</param>
    public static RefusedException OfSyntax(JsonException exception, long linesBefore = 0) =>
        new(ProblemCode.BadJson, Sentence(exception, $", line {linesBefore + (exception.LineNumber ?? 0) + 1}"));

    /// <summary>Explains why a value in a message could not be read.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="root">Where the value stands, as a path.</param>
    /// <returns>A sentence.</returns>
    public static string Explain(JsonException exception, string root)
    {
        string place = string.IsNullOrEmpty(exception.Path) ? string.Empty : $" at {PathOf(exception, root)}";
        return UnknownMember().IsMatch(exception.Message)
            ? $"Nobody knows the member{place}."
            : Sentence(exception, place);
    }

    private static JsonException? SyntaxError(ReadOnlySpan<byte> message)
    {
        Utf8JsonReader reader = new(message);
        try
        {
            while (reader.Read())
            {
                // Only looking.
            }

            return null;
        }
        catch (JsonException exception)
        {
            return exception;
        }
    }

    private static bool Fits<T>(ReadOnlySpan<byte> message, JsonTypeInfo<T> type, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.Deserialize(message, (JsonTypeInfo<T>)options.GetTypeInfo(type.Type)) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Place(JsonException exception, string root, long linesBefore)
    {
        string path = PathOf(exception, root);
        return path == "$" ? string.Empty : $" at {path}, line {linesBefore + (exception.LineNumber ?? 0) + 1}";
    }

    private static string PathOf(JsonException exception, string root) =>
        string.IsNullOrEmpty(exception.Path) ? root : root + Identifier.Shorten(exception.Path[1..]);

    // The reader's own sentences end in the place, counted from 0, and may name a .NET type.
    private static string Sentence(JsonException exception, string place)
    {
        string text = ReadersPlace().Replace(exception.Message, string.Empty);
        text = text.Contains("could not be converted", StringComparison.Ordinal) ? "The value is of the wrong type"
            : text.Contains("doesn't allow null", StringComparison.Ordinal) ? "The value must not be null"
            : MissingMembers().Match(text) is { Success: true } missing ? $"These members are missing: {missing.Value}"
            : text.TrimEnd('.', ' ');
        return $"{Identifier.Cut(text, SentenceMax)}{place}.";
    }

    [GeneratedRegex(@"\s*(Path:|LineNumber:).*$", RegexOptions.Singleline)]
    private static partial Regex ReadersPlace();

    [GeneratedRegex("^The JSON property '.*' could not be mapped", RegexOptions.Singleline)]
    private static partial Regex UnknownMember();

    [GeneratedRegex(@"(?<=missing required properties including: ).*?(?=\.?$)")]
    private static partial Regex MissingMembers();
}
