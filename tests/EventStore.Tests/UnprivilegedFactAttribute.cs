using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>A fact about permissions, which do not bind root and are others on Windows.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnprivilegedFactAttribute : FactAttribute
{
    public UnprivilegedFactAttribute()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Skip = "Needs a Unix user other than root; the test with a read-only disk stands for it.";
        }
    }
}
