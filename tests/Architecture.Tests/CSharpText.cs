namespace Elasticity.Architecture.Tests;

/// <summary>Blanks what is not code, so that words and braces in comments and strings do not count.</summary>
internal static class CSharpText
{
    /// <summary>The same text, of the same length and with the same lines, comments and literals turned to spaces.
    /// Of a directive its name is left.</summary>
    /// <param name="source">C# that compiles; for anything else the result is a guess.</param>
    public static string Blank(string source)
    {
        char[] result = source.ToCharArray();
        int at = 0;
        while (at < source.Length)
        {
            int end = EndOfLiteral(source, at);
            for (int i = at + DirectiveName(source, at); i < end; i++)
            {
                if (result[i] is not ('\n' or '\r'))
                {
                    result[i] = ' ';
                }
            }

            at = Math.Max(end, at + 1);
        }

        return new string(result);
    }

    /// <summary>Where the comment, literal or directive that begins here ends; the same place if none does.</summary>
    private static int EndOfLiteral(string s, int at) => s[at] switch
    {
        '/' when Next(s, at) == '/' => EndOfLine(s, at),
        '/' when Next(s, at) == '*' => After(s, "*/", at + 2),
        '#' when s[..at].Split('\n')[^1].Trim().Length == 0 => EndOfLine(s, at),
        '\'' => EndOfChar(s, at),
        '"' or '$' or '@' => EndOfString(s, at),
        _ => at,
    };

    private static int DirectiveName(string s, int at)
    {
        if (s[at] != '#')
        {
            return 0;
        }

        string line = s[(at + 1)..EndOfLine(s, at)];
        int blanks = line.Length - line.TrimStart().Length;
        return 1 + blanks + line.Skip(blanks).TakeWhile(char.IsLetter).Count();
    }

    private static int EndOfChar(string s, int at)
    {
        int i = at + 1;
        while (i < s.Length && s[i] is not ('\'' or '\n'))
        {
            i += s[i] == '\\' ? 2 : 1;
        }

        return Math.Min(i + 1, s.Length);
    }

    private static int EndOfString(string s, int at)
    {
        int quote = at;
        while (quote < s.Length && s[quote] is '$' or '@')
        {
            quote++;
        }

        if (quote == s.Length || s[quote] != '"')
        {
            return at; // An identifier like @event.
        }

        string prefix = s[at..quote];
        int quotes = 1;
        while (quote + quotes < s.Length && s[quote + quotes] == '"')
        {
            quotes++;
        }

        return quotes >= 3 && !prefix.Contains('@', StringComparison.Ordinal)
            ? EndOfRawString(s, quote + quotes, quotes)
            : EndOfPlainString(s, quote + 1, prefix);
    }

    private static int EndOfRawString(string s, int at, int quotes)
    {
        int end = After(s, new string('"', quotes), at);
        while (end < s.Length && s[end] == '"')
        {
            end++; // The content itself ended in quotes.
        }

        return end;
    }

    private static int EndOfPlainString(string s, int at, string prefix)
    {
        bool verbatim = prefix.Contains('@', StringComparison.Ordinal);
        bool interpolated = prefix.Contains('$', StringComparison.Ordinal);
        int i = at;
        while (i < s.Length && (verbatim || s[i] != '\n'))
        {
            if (s[i] == '"' && !(verbatim && Next(s, i) == '"'))
            {
                return i + 1;
            }

            bool brace = interpolated && s[i] == '{';
            bool pair = (s[i] == '\\' && !verbatim) || s[i] == '"' || (brace && Next(s, i) == '{');
            i = brace && !pair ? EndOfHole(s, i + 1) : i + (pair ? 2 : 1);
        }

        return Math.Min(i, s.Length);
    }

    private static int EndOfHole(string s, int at)
    {
        int depth = 1;
        int i = at;
        while (i < s.Length)
        {
            depth += s[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
            {
                return i + 1;
            }

            i = Math.Max(EndOfLiteral(s, i), i + 1);
        }

        return i;
    }

    private static int EndOfLine(string s, int at) => s.IndexOf('\n', at) is >= 0 and int end ? end : s.Length;

    private static int After(string s, string mark, int at) =>
        s.IndexOf(mark, Math.Min(at, s.Length), StringComparison.Ordinal) is >= 0 and int found
            ? found + mark.Length
            : s.Length;

    private static char Next(string s, int at) => at + 1 < s.Length ? s[at + 1] : '\0';
}
