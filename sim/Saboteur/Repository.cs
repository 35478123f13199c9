using System.Runtime.CompilerServices;

namespace Elasticity.Saboteur;

/// <summary>Where the code is.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find([CallerFilePath] string here = "")
    {
        foreach (string start in (string[])[Environment.CurrentDirectory, Path.GetDirectoryName(here) ?? "."])
        {
            for (DirectoryInfo? place = new(start); place is not null; place = place.Parent)
            {
                if (File.Exists(Path.Combine(place.FullName, "Elasticity.Core.slnf")))
                {
                    return place.FullName;
                }
            }
        }

        throw new DirectoryNotFoundException("Run it inside the repository.");
    }
}
