using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Elasticity.Cli.CommandLine;

/// <summary>Where answers go: text for people, or JSON for programs.</summary>
/// <param name="writer">Standard output.</param>
/// <param name="asJson">JSON.</param>
internal sealed class Output(TextWriter writer, bool asJson)
{
    private const int ColumnLengthMax = 60;

    /// <summary>Whether JSON is wanted.</summary>
    public bool AsJson => asJson;

    /// <summary>Writes a document as a line of JSON.</summary>
    public void Json<T>(T document, JsonTypeInfo<T> type) => writer.WriteLine(JsonSerializer.Serialize(document, type));

    /// <summary>Writes a line of text.</summary>
    public void Line(string text) => writer.WriteLine(text);

    /// <summary>Writes a table.</summary>
    /// <param name="headings">One for each column.</param>
    /// <param name="rows">The cells; a column of numbers is aligned to the right.</param>
    public void Table(string[] headings, IReadOnlyList<object?[]> rows)
    {
        string[][] cells = [.. rows.Select(r => r.Select(Text).ToArray())];
        int[] widths =
            [.. headings.Select((h, i) => cells.Select(r => r[i].Length).Append(h.Length).Max())];
        bool[] isNumber = [.. headings.Select((_, i) => rows.Count > 0 && rows.All(r => r[i] is null or int or long))];
        foreach (string[] row in cells.Prepend(headings))
        {
            writer.WriteLine(string
                .Join("  ", row.Select((c, i) => isNumber[i] ? c.PadLeft(widths[i]) : c.PadRight(widths[i])))
                .TrimEnd());
        }
    }

    /// <summary>Writes names and values, leaving out those without a value.</summary>
    public void Values(params (string Name, object? Value)[] values)
    {
        int width = values.Max(v => v.Name.Length);
        foreach ((string name, object? value) in values)
        {
            if (Text(value) is { Length: > 0 } text)
            {
                writer.WriteLine($"{name.PadRight(width)}  {text}");
            }
        }
    }

    /// <summary>A time as people read it, where they are.</summary>
    public static string? Time(DateTimeOffset? time) =>
        time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Text(object? value)
    {
        string text = value switch
        {
            null => string.Empty,
            DateTimeOffset time => Time(time)!,
            IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? string.Empty,
        };
        text = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
        return text.Length <= ColumnLengthMax || value is Whole ? text : $"{text[..(ColumnLengthMax - 1)]}…";
    }

    /// <summary>A text that is not shortened.</summary>
    /// <param name="Text">The text.</param>
    internal sealed record Whole(string Text)
    {
        /// <inheritdoc/>
        public override string ToString() => Text;
    }
}
