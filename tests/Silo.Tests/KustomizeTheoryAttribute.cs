using Xunit;

namespace Elasticity.Silo.Tests;

/// <summary>A test that is skipped where there is no kubectl to build overlays with.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KustomizeTheoryAttribute : TheoryAttribute
{
    private static readonly Lazy<bool> HasKustomize = new(Manifests.HasKustomize);

    public KustomizeTheoryAttribute()
    {
        if (!HasKustomize.Value)
        {
            Skip = "There is no kubectl 1.21 or later.";
        }
    }
}
