using Xunit;

namespace Elasticity.Api.Tests.Support;

/// <summary>Documents that are generated from the code, or checked against it.</summary>
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
            File.WriteAllText(file, text);
        }

        if (Read(path) != text)
        {
            string[] before = Read(path).Split('\n');
            string[] after = text.Split('\n');
            int line = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
            Assert.Fail(
                $"{path} is not what the code says. If the change is meant, run this and look at the difference:\n"
                + "    ELASTICITY_APPROVE=1 dotnet test tests/Api.Tests\n"
                + $"line {line + 1}\n  approved: {before.ElementAtOrDefault(line)}\n"
                + $"  now:      {after.ElementAtOrDefault(line)}");
        }
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
