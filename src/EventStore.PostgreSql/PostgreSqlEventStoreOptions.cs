using System.Text.RegularExpressions;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>How a <see cref="PostgreSqlEventStore"/> is opened.</summary>
public sealed partial record PostgreSqlEventStoreOptions
{
    /// <summary>An Npgsql connection string. Its role must own <see cref="Schema"/>, or be allowed to create
    /// it.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The schema that holds the store: lower-case ASCII letters, digits and underscores. Default:
    /// <c>elasticity</c>.</summary>
    public string Schema { get; init; } = "elasticity";

    /// <summary>The number of shards of a store that is created, 1 to 1,024; an existing one keeps its own. Default:
    /// 64.</summary>
    public int ShardCount { get; init; } = 64;

    /// <summary>Whether several processes write at once, as the silos of a cluster do; nobody owns the store then. A
    /// store is created for one or for many, and says which: the other is refused as <c>store-version</c>. Default:
    /// false.</summary>
    public bool IsShared { get; init; }

    /// <summary>Of a shared store: an SQL condition that holds once this process may not append any more, as when the
    /// others have declared it dead. Looked at in the statement of each append, which is
    /// <see cref="AppendResult.Fenced"/> from then on. It can name what is in the same database; it is not checked.
    /// Default: null, never.</summary>
    public string? FencedWhen { get; init; }

    /// <summary>Whether opening creates the schema, or brings one up to date that is older or was put back from a dump.
    /// Otherwise such a store is refused as <c>store-version</c>. Default: true.</summary>
    public bool Prepares { get; init; } = true;

    /// <summary>The age of the owner's renewal from which this process may take over. Default: 5 seconds; at least 100
    /// milliseconds. The same in all processes that share the store.</summary>
    public TimeSpan OwnershipTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one statement may take; whole seconds, at least 1. Default: 30 seconds. Beyond it the
    /// statement fails as <c>store-unavailable</c>.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many calls that write may wait for the writer; further callers wait for a place. Default:
    /// 1,024.</summary>
    public int QueueMax { get; init; } = 1_024;

    /// <summary>How many reads run at once, each with a connection of its own; at least 1. Further ones wait, at most
    /// for the connection string's <c>Timeout</c>. Default: 16.</summary>
    public int ReadersMax { get; init; } = 16;

    /// <summary>What the store says about who writes to it; stored.</summary>
    internal string Kind => IsShared ? "grains" : "embedded";

    internal void Validate()
    {
        if (!SchemaName().IsMatch(Schema))
        {
            throw new ArgumentException(
                $"{nameof(Schema)} must match [a-z_][a-z0-9_]{{0,62}} and not begin with pg_; it is \"{Schema}\".");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(ShardCount, 1, nameof(ShardCount));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ShardCount, 1_024, nameof(ShardCount));
        ArgumentOutOfRangeException.ThrowIfLessThan(
            OwnershipTimeout, TimeSpan.FromMilliseconds(100), nameof(OwnershipTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(CommandTimeout, TimeSpan.FromSeconds(1), nameof(CommandTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueMax, 1, nameof(QueueMax));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReadersMax, 1, nameof(ReadersMax));
    }

    [GeneratedRegex("^(?!pg_)[a-z_][a-z0-9_]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex SchemaName();
}
