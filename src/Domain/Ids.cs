using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Elasticity.Domain;

/// <summary>The rules every name in Elasticity follows.</summary>
public static class Identifier
{
    /// <summary>The most characters of a job, agent, session or request id.</summary>
    public const int LengthMax = 128;

    private const int ShownMax = 100; // Enough to find the text by; a sentence stays a sentence.

    /// <summary>Whether a text may be an id: 1 to <see cref="LengthMax"/> of <c>[A-Za-z0-9._-]</c>, but not <c>.</c> or
    /// <c>..</c>, which no address can name.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True when it may.</returns>
    public static bool IsValid([NotNullWhen(true)] string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > LengthMax || text is "." or "..")
        {
            return false;
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a text for humans may be shown and stored anywhere: no control characters, among them NUL,
    /// which PostgreSQL cannot store; no halves of characters.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True when it may.</returns>
    public static bool IsShowable(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) || (char.IsSurrogate(text[i]) && !char.IsSurrogatePair(text, i++)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The beginning of a text. Half a character would be stored as another one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="max">The most characters; at least 1.</param>
    /// <returns>The text, or less of it.</returns>
    public static string Cut(string text, int max) => text.Length <= max
        ? text
        : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];

    /// <summary>A text of somebody else, as it may stand in a sentence: a refusal must not be as long as what it
    /// refuses.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text, or its first 100 characters and an ellipsis.</returns>
    public static string Shorten(string text) => text.Length <= ShownMax ? text : Cut(text, ShownMax) + "…";
}

/// <summary>The id of a job: 1 to 128 of <c>[A-Za-z0-9._-]</c>, see <see cref="Identifier"/>. May be chosen by the
/// client.</summary>
/// <param name="Value">The text; checked at the edge.</param>
public readonly record struct JobId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A task, by its job and its place there.</summary>
/// <param name="Job">The job.</param>
/// <param name="Index">0 to the number of tasks - 1.</param>
public readonly record struct TaskId(JobId Job, int Index)
{
    /// <summary><c>JOB/INDEX</c>.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Job.Value}/{Index}");
}

/// <summary>The id of an agent, stable over its restarts: 1 to 128 of <c>[A-Za-z0-9._-]</c>.</summary>
/// <param name="Value">The text; checked at the edge.</param>
public readonly record struct AgentId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>One life of an agent, from registering to its end. Chosen by the agent, which never chooses it again: 1 to
/// 128 of <c>[A-Za-z0-9._-]</c>. See <see cref="Holder"/>.</summary>
/// <param name="Value">The text; checked at the edge.</param>
public readonly record struct SessionId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Who holds leases: one session of one agent. The id of a session alone says nothing, because agents choose
/// it: two of them may choose the same.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Session">Its session.</param>
public readonly record struct Holder(AgentId Agent, SessionId Session)
{
    /// <summary><c>AGENT/SESSION</c>.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => $"{Agent.Value}/{Session.Value}";
}
