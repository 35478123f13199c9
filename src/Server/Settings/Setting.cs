using System.Globalization;

namespace Elasticity.Server.Settings;

/// <summary>Something about a server that can be set from outside.</summary>
public sealed record Setting
{
    /// <summary>What it is called everywhere: <c>limits.tasksPerJobMax</c>. Upper and lower case do not
    /// matter.</summary>
    public required string Name { get; init; }

    /// <summary>What its values are.</summary>
    public required SettingUnit Unit { get; init; }

    /// <summary>The smallest value; times in milliseconds.</summary>
    public required long Min { get; init; }

    /// <summary>The greatest value; times in milliseconds.</summary>
    public required long Max { get; init; }

    /// <summary>What it does, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>Reads it; times in milliseconds.</summary>
    public required Func<ServerOptions, long> Get { get; init; }

    /// <summary>Changes it; times in milliseconds.</summary>
    public required Func<ServerOptions, long, ServerOptions> Set { get; init; }

    /// <summary>The name of the environment variable: <c>ELASTICITY__LIMITS__TASKSPERJOBMAX</c>.</summary>
    public string Variable =>
        SettingSources.VariablePrefix + Name.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>What values may be, for people.</summary>
    public string Range => $"{Show(Min)} to {Show(Max)}";

    /// <summary>The value if nobody sets it, for people.</summary>
    public string Default => Show(Get(new ServerOptions()));

    /// <summary>A value, for people, in a form that can be given back.</summary>
    /// <param name="value">The value; times in milliseconds.</param>
    /// <returns><c>1000000</c>, <c>256KiB</c>, <c>30s</c>.</returns>
    public string Show(long value) => Unit switch
    {
        SettingUnit.Bytes => SettingText.ShowBytes(value),
        SettingUnit.Time => SettingText.ShowTime(TimeSpan.FromMilliseconds(value)),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Reads a value as people write it and applies it.</summary>
    /// <param name="options">What it changes.</param>
    /// <param name="text">The value.</param>
    /// <param name="source">Where it was found, for the sentence.</param>
    /// <returns>The changed options.</returns>
    /// <exception cref="ServerStartException"><c>settings-invalid</c>.</exception>
    public ServerOptions Apply(ServerOptions options, string text, string source)
    {
        long? value = Unit switch
        {
            SettingUnit.Bytes => SettingText.Bytes(text),
            SettingUnit.Time => SettingText.Time(text) is { } time ? (long)time.TotalMilliseconds : null,
            _ => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : null,
        };
        return value is null ? throw new ServerStartException(
                "settings-invalid", $"{Name} is {Form}, not '{text}' ({source}).")
            : value < Min || value > Max ? throw new ServerStartException(
                "settings-invalid", $"{Name} is {Range}, not {text} ({source}).")
            : Set(options, value.Value);
    }

    private string Form => Unit switch
    {
        SettingUnit.Bytes => "a number of bytes, such as 262144, 256KiB or 64MiB",
        SettingUnit.Time => "a time, such as 500ms, 90s, 5m, 2h or 1d",
        _ => "a whole number",
    };
}
