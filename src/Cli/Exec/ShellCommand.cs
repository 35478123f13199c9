using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Elasticity.Cli.Exec;

/// <summary>How a task becomes a process.</summary>
internal static class ShellCommand
{
    /// <summary>The longest argument that Linux passes to a program: MAX_ARG_STRLEN without its last byte.</summary>
    public const int ArgumentBytesMax = 131_071;

    // The command begins when a line arrives on standard input: until then nobody watches over it, and if this process
    // ends before that, it must not begin. Then standard input is empty, as for xargs.
    private const string Begin = "read -r go || exit 125\n";
    private const string AsGiven = Begin + "exec /bin/sh -c \"$@\" </dev/null";

    // Bytes that are no text cannot be passed through .NET: printf makes them, the dot saves newlines at the end.
    private const string FromOctal =
        Begin + "a=$(printf '%b.' \"$2\")\nexec /bin/sh -c \"$1\" sh \"${a%.}\" </dev/null";

    /// <summary>How to start a task.</summary>
    public static ProcessStartInfo For(ExecTask task)
    {
        ProcessStartInfo start = new()
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = task.Directory ?? string.Empty,
        };
        if (OperatingSystem.IsWindows())
        {
            UseCmd(start, task);
        }
        else
        {
            UseShell(start, task);
        }

        foreach ((string name, string value) in task.Environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>How long the argument is in the form in which it is passed.</summary>
    public static int PassedLength(ReadOnlySpan<byte> argument) =>
        System.Text.Unicode.Utf8.IsValid(argument) ? argument.Length : Octal(argument).Length;

    private static void UseShell(ProcessStartInfo start, ExecTask task)
    {
        string script = task.HasArgument ? ShellTemplate.Expand(task.Command).Script! : task.Command;
        start.FileName = ProcessGroup.Setsid ?? "/bin/sh";
        string[] shell = ProcessGroup.Setsid is null ? [] : ["/bin/sh"];
        string[] arguments = task.ArgumentBase64 is { } bytes
            ? ["-c", FromOctal, "sh", script, Octal(bytes)]
            : ["-c", AsGiven, "sh", script, "sh", .. task.Argument is { } text ? [text] : Array.Empty<string>()];
        foreach (string argument in shell.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }
    }

    // cmd.exe parses again what %…% expands to, but not what !…! does; the program then parses its command line itself.
    private static void UseCmd(ProcessStartInfo start, ExecTask task)
    {
        const string Argument = "\"!ELASTICITY_ARGUMENT!\"";
        string command = !task.HasArgument ? task.Command
            : task.Command.Contains("{}", StringComparison.Ordinal)
                ? task.Command.Replace("{}", Argument, StringComparison.Ordinal)
            : $"{task.Command} {Argument}";
        string text = task.Argument ?? Encoding.Latin1.GetString(task.ArgumentBase64 ?? []);
        start.FileName = "cmd.exe";
        start.Arguments = $"/d /v:on /s /c \"{command}\"";
        start.Environment["ELASTICITY_ARGUMENT"] = text.Replace("\"", "\\\"", StringComparison.Ordinal);
    }

    private static string Octal(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(5 * bytes.Length);
        foreach (byte b in bytes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\\0{b >> 6}{(b >> 3) & 7}{b & 7}");
        }

        return text.ToString();
    }
}
