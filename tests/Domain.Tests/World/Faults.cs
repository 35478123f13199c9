namespace Elasticity.Domain.Tests.World;

/// <summary>What goes wrong in a world, and how often: chances from 0 to 1.</summary>
/// <param name="Lost">A message is never delivered.</param>
/// <param name="Doubled">A message is delivered now and, perhaps much later, again.</param>
/// <param name="Overtaken">A message is delivered before an older one.</param>
/// <param name="Forgotten">Queues, lease book and all messages under way are gone, and rebuilt from the open
/// streams.</param>
/// <param name="AnswerLost">An agent or client does not hear the answer to its call.</param>
/// <param name="Clumsy">Agents die, fall silent, report late, twice, or under old tokens.</param>
internal sealed record Faults(
    double Lost, double Doubled, double Overtaken, double Forgotten, double AnswerLost, double Clumsy)
{
    /// <summary>Messages arrive, once or twice, in order; agents still die and fall silent.</summary>
    public static Faults OfAgentsOnly { get; } = new(0, 0.1, 0, 0, 0.05, 0.3);

    /// <summary>Nothing goes wrong any more.</summary>
    public static Faults None { get; } = new(0, 0, 0, 0, 0, 0);

    /// <summary>Some of everything; now and then a kind of fault is left out, so that others stand alone.</summary>
    public static Faults Draw(Random random)
    {
        return new(Chance(0.5), Chance(0.4), Chance(1), Chance(0.05), Chance(0.4), Chance(0.6));

        double Chance(double most) => random.Next(4) == 0 ? 0 : random.NextDouble() * most;
    }
}
