namespace Elasticity.Agent.Sdk;

/// <summary>The rules for ids, as the contract has them.</summary>
internal static class AgentNames
{
    public const int LengthMax = 128;
    public const int KindLengthMax = 64;

    /// <summary>The names of the machine and of the program.</summary>
    public static string Default { get; } = Clean($"{Environment.MachineName}-{AppDomain.CurrentDomain.FriendlyName}");

    /// <summary>Whether a text may be an id.</summary>
    public static bool IsValid(string? text, int lengthMax) =>
        !string.IsNullOrEmpty(text) && text.Length <= lengthMax && text is not ("." or "..") && text.All(IsAllowed);

    private static string Clean(string text)
    {
        string clean = string.Concat(text.Select(c => IsAllowed(c) ? c : '-'));
        return clean.Length <= LengthMax ? clean : clean[..LengthMax];
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
