using Xunit;

namespace Elasticity.Cli.Tests.Support;

/// <summary>Tests that start programs, one after the other: what they measure is not each other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Processes
{
    public const string Name = "processes";
}

/// <summary>A test that needs a Unix.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "needs sh, signals and process groups";
        }
    }
}
