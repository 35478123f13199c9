using SQLitePCL;

namespace Elasticity.EventStore.Sqlite;

/// <summary>Finds the bundled SQLite, once in a process.</summary>
internal static class NativeLibrary
{
    private static readonly Lazy<bool> Loaded = new(() =>
    {
        Batteries_V2.Init();
        return true;
    });

    public static void Load() => _ = Loaded.Value;
}
