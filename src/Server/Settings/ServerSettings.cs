namespace Elasticity.Server.Settings;

/// <summary>Everything that can be set from outside: every limit there is. <c>docs/reference/settings.md</c> is made
/// from it.</summary>
public static partial class ServerSettings
{
    private const long KiB = 1L << 10;
    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;
    private const long Second = 1_000;
    private const long Minute = 60 * Second;
    private const long Hour = 60 * Minute;

    // What is far enough from a name to be another word.
    private const int SlipsMax = 3;

    private static readonly Dictionary<string, Setting> ByName =
        new Func<IEnumerable<Setting>>[]
        {
            TaskLimits, NameLimits, BodySettings, PageSettings, StreamSettings, CoreSettings, PumpSettings,
            StoreSettings,
        }
            .SelectMany(s => s())
            .ToDictionary(s => s.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>All settings, those that belong together one after the other.</summary>
    public static IReadOnlyCollection<Setting> All => ByName.Values;

    /// <summary>Finds a setting.</summary>
    /// <param name="name">Its name; upper and lower case do not matter.</param>
    /// <returns>The setting, or null.</returns>
    public static Setting? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Checks what no single range can say.</summary>
    /// <param name="options">With everything applied.</param>
    /// <exception cref="ServerStartException"><c>settings-invalid</c>.</exception>
    public static void Check(ServerOptions options)
    {
        Require(
            options.Api.PageDefault <= options.Api.PageMax,
            $"api.pageDefault is at most api.pageMax: {options.Api.PageDefault} is more than {options.Api.PageMax}.");
        Require(
            options.Api.Limits.PayloadBytesMax <= Math.Min(options.Api.SubmitBytesMax, options.Api.BodyBytesMax),
            "limits.payloadBytesMax is at most api.submitBytesMax and api.bodyBytesMax: "
                + "what does not fit into a request cannot be sent.");
        Require(
            options.Engine.RecoveryDelayFirst <= options.Engine.RecoveryDelayMax,
            "engine.recoveryDelayFirst is at most engine.recoveryDelayMax.");
    }

    /// <summary>The setting that somebody probably meant.</summary>
    internal static string? Nearest(string name) => All
        .Select(s => (s.Name, Slips: Slips(s.Name.ToUpperInvariant(), name.ToUpperInvariant())))
        .Where(s => s.Slips <= SlipsMax || s.Name.EndsWith($".{name}", StringComparison.OrdinalIgnoreCase))
        .OrderBy(s => s.Slips).Select(s => s.Name).FirstOrDefault();

    private static void Require(bool isRight, string message)
    {
        if (!isRight)
        {
            throw new ServerStartException("settings-invalid", message);
        }
    }

    // Letters put in, left out or exchanged.
    private static int Slips(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(
                    Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }

    private static Setting Of(
        string name,
        SettingUnit unit,
        (long Min, long Max) range,
        string description,
        Func<ServerOptions, long> get,
        Func<ServerOptions, long, ServerOptions> set) => new()
    {
        Name = name,
        Unit = unit,
        Min = range.Min,
        Max = range.Max,
        Description = description,
        Get = get,
        Set = set,
    };

    private static long Ms(TimeSpan time) => (long)time.TotalMilliseconds;

    private static TimeSpan Time(long milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
