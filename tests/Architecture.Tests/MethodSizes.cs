using System.Text.RegularExpressions;

namespace Elasticity.Architecture.Tests;

/// <summary>A member with a body: where it begins and how many lines it takes.</summary>
/// <param name="Name">Its first line, for a person to recognise it.</param>
/// <param name="Line">Counted from 1, after comments and attributes.</param>
/// <param name="Lines">From its first line to the end of its body.</param>
internal sealed record Member(string Name, int Line, int Lines);

/// <summary>Estimates method lengths by counting brackets. Tables of data (initialisers) are no methods.</summary>
internal sealed partial class MethodSizes
{
    private readonly string code;
    private readonly List<Member> members = [];
    private int at;

    private MethodSizes(string source) => code = CSharpText.Blank(source);

    public static IReadOnlyList<Member> Measure(string source)
    {
        MethodSizes sizes = new(source);
        while (sizes.at < sizes.code.Length)
        {
            sizes.ReadDeclarations();
            sizes.at++; // A brace too many; go on behind it.
        }

        return sizes.members;
    }

    /// <summary>Reads a file, a namespace or a type up to the brace that closes it.</summary>
    private void ReadDeclarations()
    {
        while (SkipBlankAndAttributes() && code[at] != '}')
        {
            ReadDeclaration(at);
        }
    }

    private void ReadDeclaration(int start)
    {
        for (; at < code.Length && code[at] != '}'; at++)
        {
            string header = code[start..at];
            switch (code[at])
            {
                case ';':
                    at++;
                    return;
                case '(' or '[':
                    SkipBrackets();
                    at--;
                    break;
                case '{':
                    ReadBlock(header, start);
                    return;
                case '=' when OperatorName().IsMatch(header):
                    break;
                case '=':
                    bool body = at + 1 < code.Length && code[at + 1] == '>';
                    SkipToSemicolon();
                    if (body)
                    {
                        Add(start);
                    }

                    return;
                default:
                    break;
            }
        }
    }

    private void ReadBlock(string header, int start)
    {
        string name = TypeParameters().Replace(header.Split('(')[0], "");
        if (Container().IsMatch(name))
        {
            at++;
            ReadDeclarations();
            at = Math.Min(at + 1, code.Length);
            return;
        }

        SkipBrackets();
        if (!Enumeration().IsMatch(name))
        {
            Add(start);
        }
    }

    private bool SkipBlankAndAttributes()
    {
        while (at < code.Length && (char.IsWhiteSpace(code[at]) || code[at] == '['))
        {
            if (code[at] == '[')
            {
                SkipBrackets();
            }
            else
            {
                at++;
            }
        }

        return at < code.Length;
    }

    /// <summary>From an opening bracket of any kind to behind the one that closes it.</summary>
    private void SkipBrackets()
    {
        int depth = 0;
        do
        {
            depth += Depth(code[at++]);
        }
        while (depth > 0 && at < code.Length);
    }

    private void SkipToSemicolon()
    {
        int depth = 0;
        while (at < code.Length && depth >= 0 && !(depth == 0 && code[at] == ';'))
        {
            depth += Depth(code[at++]);
        }

        at = depth < 0 ? at - 1 : Math.Min(at + 1, code.Length);
    }

    private void Add(int start)
    {
        int first = code.AsSpan(0, start).Count('\n');
        int last = code.AsSpan(0, at).Count('\n');
        members.Add(new Member(code[start..at].Split('\n')[0].Trim(), first + 1, last - first + 1));
    }

    private static int Depth(char c) => c switch { '(' or '[' or '{' => 1, ')' or ']' or '}' => -1, _ => 0 };

    [GeneratedRegex(@"\boperator\s*(checked\s*)?[=!<>+\-*/%&|^]*$")]
    private static partial Regex OperatorName();

    [GeneratedRegex(@"\bwhere\s.*", RegexOptions.Singleline)]
    private static partial Regex TypeParameters();

    [GeneratedRegex(@"\b(namespace|class|struct|interface|record)\b|^\s*extension\b")]
    private static partial Regex Container();

    [GeneratedRegex(@"\benum\b")]
    private static partial Regex Enumeration();
}
