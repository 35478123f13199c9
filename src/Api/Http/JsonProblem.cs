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
    public static RefusedException Of<T>(ReadOnlyMemory<byte> message, JsonTypeInfo<T> type, JsonException exception)
    {
        if (SyntaxError(message.Span) is { } syntax)
        {
            return new RefusedException(ProblemCode.BadJson, Sentence(syntax));
        }

        if (Fits(message.Span, type, AllowsTwice))
        {
            return new RefusedException(ProblemCode.BadJson, $"A member is given twice{Place(exception)}.");
        }

        return Fits(message.Span, type, SkipsUnknown)
            ? new RefusedException(ProblemCode.UnknownField, $"Nobody knows the member{Place(exception)}.")
            : new RefusedException(RejectionCode.Invalid, Sentence(exception));
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

    private static string Place(JsonException exception) =>
        string.IsNullOrEmpty(exception.Path) || exception.Path == "$" ? string.Empty
        : $" at {exception.Path}, line {exception.LineNumber + 1}";

    // The reader's own sentences end in the place, counted from 0, and may name a .NET type.
    private static string Sentence(JsonException exception)
    {
        string text = ReadersPlace().Replace(exception.Message, string.Empty);
        text = text.Contains("could not be converted", StringComparison.Ordinal) ? "The value is of the wrong type"
            : text.Contains("doesn't allow null", StringComparison.Ordinal) ? "The value must not be null"
            : MissingMembers().Match(text) is { Success: true } missing ? $"These members are missing: {missing.Value}"
            : text.TrimEnd('.', ' ');
        return $"{text}{Place(exception)}.";
    }

    [GeneratedRegex(@"\s*(Path:|LineNumber:).*$", RegexOptions.Singleline)]
    private static partial Regex ReadersPlace();

    [GeneratedRegex(@"(?<=missing required properties including: ).*?(?=\.?$)")]
    private static partial Regex MissingMembers();
}
