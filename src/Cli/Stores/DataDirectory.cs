namespace Elasticity.Cli.Stores;

/// <summary>Where the data is.</summary>
internal static class DataDirectory
{
    /// <summary>In the current directory, unless said otherwise.</summary>
    public const string Default = ".elasticity";

    /// <summary>Whether something was stored there.</summary>
    public static bool HasData(string directory) => File.Exists(Path.Combine(directory, "elasticity.db"));
}
