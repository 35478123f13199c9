using System.Globalization;
using System.Numerics;

namespace Elasticity.Simulator;

/// <summary>What the simulator is asked to do.</summary>
internal sealed record CommandLine
{
    public const string Help = """
        dotnet run --project sim/Simulator -c Release -- [options]

          --seeds N        how many seeds to try; default 1,000
          --seed S         one seed; with its trace if it fails
          --first S        where the seeds begin; default: by the clock
          --seconds N      stops trying after so long
          --engine E       embedded or cluster; default: by the seed
          --pace P         minutes or days; default: by the seed
          --without A,B    leaves these faults out
          --most J,T,A,S   a smaller world: at most J jobs of T tasks, A agents, S seconds of faults
          --trace N        the last N lines of the trace of a failing seed; default 60; 0 prints all, unfiltered
          --verbose        prints every plan
          --unshrunk       does not look for the least that still fails
        """;

    /// <summary>Some thirty years: nobody waits longer.</summary>
    public const double SecondsMax = 1e9;

    public ulong First { get; init; } = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    public int Seeds { get; init; } = 1_000;

    public Choice Choice { get; init; }

    public bool IsSingle { get; init; }

    public bool IsHelp { get; init; }

    public bool IsVerbose { get; init; }

    public Most? Most { get; init; }

    public bool IsUnshrunk { get; init; }

    public TimeSpan TimeMax { get; init; } = TimeSpan.MaxValue;

    /// <summary>Fewer seeds than this in that time are a failure.</summary>
    public int SeedsMin { get; init; }

    public int TraceLines { get; init; } = 60;

    public IReadOnlyCollection<Fault> Without { get; init; } = [];

    public static CommandLine Parse(string[] args)
    {
        CommandLine line = new();
        CultureInfo c = CultureInfo.InvariantCulture;
        for (int i = 0; i < args.Length; i++)
        {
            line = args[i] switch
            {
                "--seed" => line with { First = Number(0UL, ulong.MaxValue), Seeds = 1, IsSingle = true },
                "--seeds" => line with { Seeds = Number(1, int.MaxValue) }, // A run that tries nothing finds nothing.
                "--first" => line with { First = Number(0UL, ulong.MaxValue) },
                "--seconds" => line with { TimeMax = TimeSpan.FromSeconds(Number(0.001, SecondsMax)) },
                "--engine" => line with { Choice = line.Choice with { Kind = OneOf<EngineKind>(Next()) } },
                "--pace" => line with { Choice = line.Choice with { IsLong = IsDays(Next()) } },
                "--without" => line with { Without = [.. Next().Split(',').Select(OneOf<Fault>)] },
                "--most" => line with { Most = Most.Parse(Next()) },
                "--trace" => line with { TraceLines = Number(0, int.MaxValue) },
                "--verbose" => line with { IsVerbose = true },
                "--unshrunk" => line with { IsUnshrunk = true },
                "--help" or "-h" => line with { IsHelp = true },
                _ => throw new ArgumentException($"There is no option {args[i]}."),
            };

            string Next() => ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value.");

            T Number<T>(T min, T max)
                where T : INumber<T> => T.TryParse(Next(), c, out T? value) && value >= min && value <= max
                ? value
                : throw new ArgumentException($"{args[i - 1]} takes a number from {min} to {max}, not '{args[i]}'.");
        }

        return !line.IsSingle || !(args.Contains("--seeds") || args.Contains("--first"))
            ? line
            : throw new ArgumentException("--seed is one seed: it does not go with --seeds and --first.");
    }

    /// <summary>What makes a world another one than its seed alone does, as options.</summary>
    public static string OptionsOf(Choice choice, IReadOnlyCollection<Fault> without, Most? most) => $"{choice}"
        + (without.Count == 0 ? string.Empty : $" --without {string.Join(',', without)}")
        + (most is null ? string.Empty : $" --most {most}");

    private static T OneOf<T>(string name)
        where T : struct, Enum =>
        Enum.TryParse(name, ignoreCase: true, out T value) && Enum.IsDefined(value) && !char.IsAsciiDigit(name[0])
            ? value
            : throw new ArgumentException($"'{name}' is none of {string.Join(", ", Enum.GetNames<T>())}.");

    private static bool IsDays(string pace) => pace switch
    {
        "days" => true,
        "minutes" => false,
        _ => throw new ArgumentException($"--pace is minutes or days, not {pace}."),
    };
}
