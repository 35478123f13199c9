using System.CommandLine;

namespace Elasticity.Cli.CommandLine;

/// <summary>A command whose help ends with examples.</summary>
internal abstract class DocumentedCommand(string name, string description) : Command(name, description)
{
    /// <summary>What to type, and what it does.</summary>
    public abstract IReadOnlyList<(string Line, string Meaning)> Examples { get; }
}
