using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Elasticity.Domain.Tests.Support;

/// <summary>What holds for all values of a kind. The same values every time, unless ELASTICITY_RANDOM is set, as
/// <c>.ci/run</c> does. A failure prints numbers in brackets, two for the whole run and three for the case that failed:
/// ELASTICITY_REPLAY takes either, with or without ELASTICITY_RANDOM. ELASTICITY_CASES is how many values are tried at
/// most, for runs that repeat the tests many times; default: as many as each test asks for.</summary>
internal static class Always
{
    private const string Seed = "(20260101, 1)";

    public static void Holds<T>(Gen<T> values, Action<T> check, int times = 200) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(Math.Min(times, CasesMax())).WithReplay(Start()),
        Prop.ForAll(values.ToArbitrary(), check));

    private static int CasesMax() =>
        Environment.GetEnvironmentVariable("ELASTICITY_CASES") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : int.MaxValue;

    private static FSharpOption<Replay>? Start()
    {
        string? given = Environment.GetEnvironmentVariable("ELASTICITY_REPLAY");
        if (given is null && Environment.GetEnvironmentVariable("ELASTICITY_RANDOM") is { Length: > 0 })
        {
            return null;
        }

        ulong[] numbers =
        [
            .. (given ?? Seed).Trim('(', ')').Split(',')
                .Select(n => ulong.Parse(n, CultureInfo.InvariantCulture)),
        ];
        FSharpOption<int> size = numbers is [_, _, var last]
            ? FSharpOption<int>.Some((int)last)
            : FSharpOption<int>.None;
        return FSharpOption<Replay>.Some(new Replay(new Rnd(numbers[0], numbers[1]), size));
    }
}
