namespace Elasticity.EventStore.Contract;

/// <summary>On a test class: its <see cref="ContractFactAttribute"/> tests are skipped where a variable is not
/// set.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequiresEnvironmentAttribute : Attribute
{
    /// <summary>Names the variable.</summary>
    /// <param name="variable">The environment variable.</param>
    /// <param name="meaning">What it has to hold, for the person who reads why the test was skipped.</param>
    public RequiresEnvironmentAttribute(string variable, string meaning)
    {
        Variable = variable;
        Meaning = meaning;
    }

    /// <summary>The environment variable.</summary>
    public string Variable { get; }

    /// <summary>What it has to hold.</summary>
    public string Meaning { get; }
}
