using System.Globalization;
using System.Text;

namespace Elasticity.Domain.Jobs;

/// <summary>Small numbers, one for each task, as a text: <c>3*1200 1 3</c> is 1,200 times 3, then 1, then 3. What
/// follows one another is alike nearly everywhere, and people can read it.</summary>
internal static class RunLengths
{
    private const char Between = ' ';
    private const char Times = '*';

    /// <summary>Writes numbers.</summary>
    /// <param name="count">How many.</param>
    /// <param name="at">The number at a place; 0 or more.</param>
    /// <returns>The text; empty for none.</returns>
    public static string Write(int count, Func<int, int> at)
    {
        StringBuilder text = new();
        for (int first = 0; first < count;)
        {
            int value = at(first);
            int end = first + 1;
            while (end < count && at(end) == value)
            {
                end++;
            }

            text.Append(first == 0 ? string.Empty : Between).Append(CultureInfo.InvariantCulture, $"{value}");
            if (end - first > 1)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Times}{end - first}");
            }

            first = end;
        }

        return text.ToString();
    }

    /// <summary>Reads numbers.</summary>
    /// <param name="text">From <see cref="Write"/>, or damaged.</param>
    /// <param name="count">How many there must be.</param>
    /// <param name="max">The greatest there may be.</param>
    /// <param name="take">Told of each range: its first place, its length, the number.</param>
    /// <returns>False when the text is not so many such numbers; some may have been told.</returns>
    public static bool TryRead(string text, int count, int max, Action<int, int, int> take)
    {
        int next = 0;
        foreach (Range part in text.AsSpan().Split(Between))
        {
            ReadOnlySpan<char> run = text.AsSpan()[part];
            int times = run.IndexOf(Times);
            int length = 1;
            if (!TryParse(times < 0 ? run : run[..times], out int value)
                || (times >= 0 && !TryParse(run[(times + 1)..], out length))
                || value > max || length < 1 || length > count - next)
            {
                return false;
            }

            take(next, length, value);
            next += length;
        }

        return next == count;
    }

    private static bool TryParse(ReadOnlySpan<char> digits, out int value) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
