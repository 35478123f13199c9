using System.Globalization;
using System.Text.RegularExpressions;
using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator;

/// <summary>What of a trace is printed of a seed that failed: what is about the subject of the broken promise, what is
/// about the world, and the end, in which it happened.</summary>
internal static class TraceFilter
{
    /// <summary>The batch that broke the promise, and what came before it.</summary>
    private const int EndLines = 12;

    /// <summary>Prints.</summary>
    /// <param name="trace">All lines.</param>
    /// <param name="violation">The broken promise; null for an exception: nothing is left out then.</param>
    /// <param name="linesMax">So many lines at most; 0 prints all.</param>
    /// <param name="output">Where to.</param>
    public static void Print(IReadOnlyList<string> trace, Violation? violation, int linesMax, TextWriter output)
    {
        Regex? subject = violation is null ? null : About(violation.Subject);
        string[] chosen =
        [
            .. trace.Where((l, i) => linesMax == 0 || violation is null || IsNote(l) || i >= trace.Count - EndLines
                || subject!.IsMatch(l)),
        ];
        chosen = linesMax == 0 ? chosen : [.. chosen.TakeLast(linesMax)];
        if (chosen.Length < trace.Count)
        {
            string about = violation is null ? string.Empty : $" about {violation.Subject}";
            output.WriteLine($"{chosen.Length} of {trace.Count} lines of its trace{about}; all: --trace 0");
        }

        foreach (string line in chosen)
        {
            output.WriteLine(line);
        }
    }

    /// <summary>When a line is about a subject: task 3 of job-0 is <c>job-0/3</c> where somebody asks, and has a stream
    /// of its own beside its job's.</summary>
    private static Regex About(string subject) => subject.Split('/') is [var job, var number]
        && int.TryParse(number, CultureInfo.InvariantCulture, out int index)
        ? new Regex($@"(?<![\w-]){Regex.Escape(job)}((/{index})?(?![\w/])|/{index:D8} )")
        : new Regex($@"(?<![\w-]){Regex.Escape(subject)}(?!\w)");

    /// <summary>Whether a line is about the world and not about what somebody asks, answers or writes.</summary>
    private static bool IsNote(string line) => !line.Contains(" <- ", StringComparison.Ordinal)
        && !line.Contains(" -> ", StringComparison.Ordinal) && !line.Contains(" wrote ", StringComparison.Ordinal);
}
