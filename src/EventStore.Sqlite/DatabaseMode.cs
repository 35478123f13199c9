namespace Elasticity.EventStore.Sqlite;

/// <summary>What a connection may do.</summary>
internal enum DatabaseMode
{
    /// <summary>Everything; the file is made if it is missing.</summary>
    ReadWrite,

    /// <summary>Read what a writer commits.</summary>
    ReadOnly,

    /// <summary>Read a file that nobody writes, from a place where not even SQLite's own side files can be
    /// made.</summary>
    Immutable,
}
