namespace Elasticity.EventStore.Sqlite;

/// <summary>When an append counts as stored.</summary>
public enum SqliteSynchronous
{
    /// <summary>After the disk confirmed it (fsync). What the promises of the project are about.</summary>
    Full,

    /// <summary>
    /// After the operating system took it: a power cut may lose the last appends. For benchmarks. After one, open it
    /// like this once: <see cref="Full"/> may take what was lost for damage.
    /// </summary>
    Normal,
}
