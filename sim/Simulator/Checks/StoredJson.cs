using System.Globalization;
using System.Text.Json;

namespace Elasticity.Simulator.Checks;

/// <summary>Reads the JSON of stored events without the engine's codec.</summary>
internal static class StoredJson
{
    public static string Text(this JsonElement e, string name) => e.GetProperty(name).GetString()!;

    public static int Int(this JsonElement e, string name) => e.GetProperty(name).GetInt32();

    public static long Long(this JsonElement e, string name) => e.GetProperty(name).GetInt64();

    public static DateTimeOffset Time(this JsonElement e, string name) => e.GetProperty(name).GetDateTimeOffset();

    public static JsonElement? Maybe(this JsonElement e, string name) =>
        e.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static TimeSpan? MaybeSpan(this JsonElement e, string name) =>
        e.Maybe(name) is { } value ? TimeSpan.Parse(value.GetString()!, CultureInfo.InvariantCulture) : null;

    public static DateTimeOffset? MaybeTime(this JsonElement e, string name) => e.Maybe(name)?.GetDateTimeOffset();

    public static int? MaybeInt(this JsonElement e, string name) => e.Maybe(name)?.GetInt32();

    /// <summary>The members of an object of texts.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Texts(this JsonElement e) =>
        e.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value.GetString()!));

    public static ModelRetry? MaybeRetry(this JsonElement e)
    {
        if (e.Maybe("retry") is not { } r)
        {
            return null;
        }

        return new ModelRetry(
            r.Int("attemptsMax"),
            r.MaybeSpan("first")!.Value,
            r.GetProperty("factor").GetDouble(),
            r.MaybeSpan("cap")!.Value,
            r.GetProperty("jitter").GetDouble());
    }
}

/// <summary>When to try again, as the documentation says.</summary>
internal sealed record ModelRetry(int AttemptsMax, TimeSpan First, double Factor, TimeSpan Cap, double Jitter)
{
    public static readonly ModelRetry Default = new(
        3, TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(5), 0.2);

    /// <summary>The longest and the shortest back-off after so many failures.</summary>
    public (TimeSpan Min, TimeSpan Max) After(int failures)
    {
        double full = First.TotalSeconds;
        for (int i = 1; i < failures; i++)
        {
            full *= Factor;
        }

        full = Math.Min(full, Cap.TotalSeconds);
        TimeSpan rounding = TimeSpan.FromMilliseconds(1);
        return (TimeSpan.FromSeconds(full * (1 - Jitter)) - rounding, TimeSpan.FromSeconds(full) + rounding);
    }
}
