using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Support;

/// <summary>Files of the repository that tests read or hold themselves against.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    /// <summary>Whether tests are to write what they would otherwise compare.</summary>
    public static bool IsApproving => Environment.GetEnvironmentVariable("ELASTICITY_APPROVE") == "1";

    public static void Write(string path, string text)
    {
        string file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    /// <summary>Holds a text against the file that was approved, or makes it the approved one.</summary>
    public static void Approve(string path, string text)
    {
        if (IsApproving)
        {
            Write(path, text);
        }

        Assert.True(
            File.Exists(Path.Combine(Root, path)) && Read(path) == text,
            $"{path} is not what the code says. If the change is meant, run this and look at the difference:\n"
            + $"    ELASTICITY_APPROVE=1 dotnet test tests/Engine.Embedded.Tests -c Release\n{text}");
    }

    private static string FindRoot()
    {
        for (string? at = AppContext.BaseDirectory; at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "Elasticity.Orleans.sln")))
            {
                return at;
            }
        }

        throw new InvalidOperationException($"No Elasticity.Orleans.sln above {AppContext.BaseDirectory}.");
    }
}
