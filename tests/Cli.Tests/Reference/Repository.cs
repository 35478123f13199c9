using Xunit;

namespace Elasticity.Cli.Tests.Reference;

/// <summary>Documents that are made from the program, or held against it.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    /// <summary>Holds what follows a mark in a file against a text, or replaces it.</summary>
    public static void ApproveAfter(string mark, string path, string text)
    {
        string now = Read(path);
        int end = now.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        Assert.True(end >= mark.Length, $"{path} has no line {mark}.");
        if (Environment.GetEnvironmentVariable("ELASTICITY_APPROVE") == "1")
        {
            now = now[..end] + text;
            File.WriteAllText(Path.Combine(Root, path), now);
        }

        Assert.True(
            now[end..] == text,
            $"{path} is not what --help says. If the change is meant, run this and look at the difference:\n"
            + "    ELASTICITY_APPROVE=1 dotnet test tests/Cli.Tests -c Release --filter Reference");
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
