namespace Elasticity.Web.Tests;

/// <summary>The files of the pages, as they are written.</summary>
internal static class Pages
{
    private static readonly string Root = FindRoot();

    public static string[] Files { get; } = Directory.GetFiles(Path.Combine(Root, "src", "Web", "ui"));

    /// <summary>The scripts: their names and texts.</summary>
    public static (string Name, string Text)[] Scripts { get; } =
    [
        .. Files.Where(f => f.EndsWith(".js", StringComparison.Ordinal))
            .Select(f => (Path.GetFileName(f), File.ReadAllText(f))),
    ];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

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
