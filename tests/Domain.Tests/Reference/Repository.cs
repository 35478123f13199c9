using Xunit;

namespace Elasticity.Domain.Tests.Reference;

/// <summary>Documents that are generated from the domain, or checked against it.</summary>
internal static class Repository
{
    private static readonly string Root = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    /// <summary>Holds a text against the file that was approved, or makes it the approved one.</summary>
    public static void Approve(string path, string text)
    {
        string file = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable("ELASTICITY_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        if (!File.Exists(file) || Read(path) != text)
        {
            Assert.Fail(
                $"{path} is not what the domain does. If the change is meant, run this and look at the difference:\n"
                + "    ELASTICITY_APPROVE=1 dotnet test tests/Domain.Tests -c Release\n"
                + FirstDifference(File.Exists(file) ? Read(path) : string.Empty, text));
        }
    }

    /// <summary>The names of the cases of a closed hierarchy.</summary>
    public static string[] CasesOf(Type root) =>
        [.. root.GetNestedTypes().Where(t => t.BaseType == root).Select(t => t.Name).Order(StringComparer.Ordinal)];

    private static string FirstDifference(string approved, string now)
    {
        string[] before = approved.Split('\n');
        string[] after = now.Split('\n');
        int line = 0;
        while (line < before.Length && line < after.Length && before[line] == after[line])
        {
            line++;
        }

        return $"line {line + 1}\n"
            + $"  approved: {before.ElementAtOrDefault(line)}\n"
            + $"  now:      {after.ElementAtOrDefault(line)}";
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
