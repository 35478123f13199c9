namespace Elasticity.Simulator.Checks;

/// <summary>A promise was broken.</summary>
internal sealed class Violation(string rule, string subject, string detail) : Exception($"{rule}: {subject}: {detail}")
{
    /// <summary>Which promise; a stable word.</summary>
    public string Rule => rule;

    /// <summary>Whose: a job, a task, an agent.</summary>
    public string Subject => subject;
}
