using System.Text;
using System.Text.RegularExpressions;

namespace Elasticity.Cli.Exec;

/// <summary>
/// Turns a command with <c>{}</c> into a script for <c>sh</c> in which the argument is the first positional parameter:
/// the text of the argument never becomes part of the script, so nothing in it can mean anything to the shell.
/// </summary>
/// <remarks>
/// <c>{}</c> outside of quotes becomes <c>"$1"</c>, inside of double quotes <c>${1}</c>; both is one argument, or one
/// part of one. Inside of single quotes, and after a backslash, it stays as it is, like everything else there. Without
/// <c>{}</c>, <c>$1</c>, <c>$@</c> and <c>$*</c>, the argument is appended. Where exactness cannot be promised
/// (backquotes, here-documents, <c>${…}</c>), the template is refused.
/// </remarks>
internal sealed partial class ShellTemplate
{
    private readonly string _command;
    private readonly StringBuilder _script = new();
    private readonly Stack<Context> _contexts = new();
    private string? _problem;
    private bool _isUsed;
    private bool _isComment;
    private bool _hasHereDocument;
    private int _at;

    private ShellTemplate(string command)
    {
        _command = command;
        _contexts.Push(Context.Plain);
    }

    private enum Context
    {
        Plain,
        Parenthesis,
        DoubleQuotes,
        Braces,
        Backquotes,
    }

    /// <summary>Makes a script.</summary>
    /// <param name="command">The command as typed.</param>
    /// <returns>The script; or what is wrong, as a sentence.</returns>
    public static (string? Script, string? Problem) Expand(string command)
    {
        ShellTemplate template = new(command);
        template.Scan();
        template.Close();
        return template._problem is { } problem ? (null, problem) : (template._script.ToString(), null);
    }

    private void Scan()
    {
        while (_at < _command.Length && _problem is null)
        {
            switch (_contexts.Peek())
            {
                case Context.Plain or Context.Parenthesis: ScanPlain(); break;
                case Context.DoubleQuotes: ScanDoubleQuotes(); break;
                default: ScanOpaque(); break;
            }
        }
    }

    private void ScanPlain()
    {
        char c = _command[_at];
        _isComment &= c != '\n';
        if (_isComment)
        {
            Copy(1);
        }
        else if (c == '#' && (_at == 0 || " \t\n;&|(".Contains(_command[_at - 1], StringComparison.Ordinal)))
        {
            _isComment = true;
            Copy(1);
        }
        else if (c == '\'')
        {
            int end = _command.IndexOf('\'', _at + 1);
            if (end < 0)
            {
                _problem = "A single quote is not closed.";
                return;
            }

            Copy(end + 1 - _at);
        }
        else if (Follows("<<") && !Follows("<<<"))
        {
            _hasHereDocument = true;
            Copy(2);
        }
        else if (Follows("{}"))
        {
            Use("\"$1\"");
        }
        else if (c == '(' || (c == ')' && _contexts.Peek() == Context.Parenthesis))
        {
            Step(c == '(' ? Context.Parenthesis : null);
        }
        else
        {
            ScanCommon();
        }
    }

    private void ScanDoubleQuotes()
    {
        if (Follows("{}"))
        {
            Use("${1}");
        }
        else if (_command[_at] == '"')
        {
            Step(null);
        }
        else
        {
            ScanCommon();
        }
    }

    /// <summary>Between backquotes or in <c>${…}</c>, where a replacement could mean something else.</summary>
    private void ScanOpaque()
    {
        char end = _contexts.Peek() == Context.Backquotes ? '`' : '}';
        if (Follows("{}"))
        {
            _problem = end == '`'
                ? "{} stands between backquotes: write $(…) instead."
                : "{} stands inside of ${…}: write $1 there.";
        }
        else if (_command[_at] == end)
        {
            Step(null);
        }
        else
        {
            ScanCommon();
        }
    }

    /// <summary>What means the same everywhere but between single quotes.</summary>
    private void ScanCommon()
    {
        char c = _command[_at];
        if (c == '\\')
        {
            Copy(Math.Min(2, _command.Length - _at));
        }
        else if (Follows("$(") || Follows("${"))
        {
            _isUsed |= FirstParameter().IsMatch(_command, _at);
            _script.Append('$');
            _at++;
            Step(_command[_at] == '(' ? Context.Parenthesis : Context.Braces);
        }
        else if (c == '`')
        {
            Step(Context.Backquotes);
        }
        else if (c == '"')
        {
            Step(Context.DoubleQuotes);
        }
        else
        {
            _isUsed |= c == '$' && FirstParameter().IsMatch(_command, _at);
            Copy(1);
        }
    }

    private void Use(string replacement)
    {
        _isUsed = true;
        _at += 2;
        _script.Append(replacement);
        _problem ??= _hasHereDocument ? "{} stands after <<: in a here-document write $1."
            : _contexts.Count > 1 && CaseWord().IsMatch(_command) ? "{} and case inside of $(…): write \"$1\" there."
            : null;
    }

    /// <summary>Appends the argument if it was not used, where that is safe.</summary>
    private void Close()
    {
        if (_problem is null && _contexts.Count > 1 && _contexts.Peek() != Context.Plain)
        {
            _problem = _contexts.Peek() switch
            {
                Context.DoubleQuotes => "A double quote is not closed.",
                Context.Backquotes => "A backquote is not closed.",
                Context.Braces => "A ${ is not closed.",
                _ => "A parenthesis is not closed.",
            };
        }

        string command = _command.TrimEnd();
        if (_problem is null && command.Length == 0)
        {
            _problem = "The command is empty.";
        }

        if (_problem is not null || _isUsed)
        {
            return;
        }

        if (_isComment || _hasHereDocument || ";&|<>(){}\\".Contains(command[^1], StringComparison.Ordinal))
        {
            _problem = "It is not clear where the argument goes: write {} there.";
            return;
        }

        _script.Append(" \"$1\"");
    }

    private bool Follows(string text) => string.CompareOrdinal(_command, _at, text, 0, text.Length) == 0;

    private void Copy(int length)
    {
        _script.Append(_command, _at, length);
        _at += length;
    }

    /// <summary>Copies one character and enters a context, or leaves the current one.</summary>
    private void Step(Context? into)
    {
        Copy(1);
        if (into is { } context)
        {
            _contexts.Push(context);
        }
        else
        {
            _contexts.Pop();
        }
    }

    [GeneratedRegex(@"\G\$(1(?![0-9])|[@*]|\{[#]?(1(?![0-9])|[@*]))")]
    private static partial Regex FirstParameter();

    [GeneratedRegex(@"\bcase\b")]
    private static partial Regex CaseWord();
}
