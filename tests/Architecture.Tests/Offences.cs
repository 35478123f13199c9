using Xunit;

namespace Elasticity.Architecture.Tests;

/// <summary>A list that must be empty, and is shown whole when it is not.</summary>
internal static class Offences
{
    public static void None(IEnumerable<string> offences)
    {
        string[] found = [.. offences];
        if (found.Length > 0)
        {
            Assert.Fail(string.Join('\n', found));
        }
    }
}
