using System.Globalization;
using System.Security.Cryptography;

namespace Elasticity.EventStore.Tests;

/// <summary>A seed that is another one in every build, so that each tries what none tried before. A failure says it,
/// and <c>ELASTICITY_SEED</c> takes it again.</summary>
internal static class FreshSeed
{
    private const string Variable = "ELASTICITY_SEED";

    /// <summary>The seed of this run.</summary>
    public static int Value { get; } =
        int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out int given)
            ? given
            : RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>Runs a test with chance from the seed; what goes wrong names it.</summary>
    /// <param name="test">Draws everything from what it is given.</param>
    public static Task TryAsync(Func<Random, Task> test) => TryAsync(Value, test);

    /// <summary>The same with a seed that is known.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="test">Draws everything from what it is given.</param>
    /// <exception cref="InvalidOperationException">The test failed, and how.</exception>
    public static async Task TryAsync(int seed, Func<Random, Task> test)
    {
        try
        {
            await test(new Random(seed));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"With {Variable}={seed}: {e.Message}"), e);
        }
    }
}
