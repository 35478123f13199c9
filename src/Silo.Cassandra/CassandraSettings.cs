using System.Collections.Immutable;

namespace Elasticity.Silo.Cassandra;

/// <summary>How to reach Cassandra. <see cref="CassandraOptionTable"/> has a line for each: its name, its range, its
/// default.</summary>
internal sealed record CassandraSettings
{
    /// <summary>Nodes to begin with, host names or IP addresses; the driver finds the others. At least one.</summary>
    public ImmutableArray<string> ContactPoints { get; init; } = [];

    /// <summary>The port of every node.</summary>
    public int Port { get; init; } = 9_042;

    /// <summary>The datacenter whose nodes are asked; null is not allowed.</summary>
    public string? Datacenter { get; init; }

    /// <summary>The keyspace with the table of members.</summary>
    public string Keyspace { get; init; } = "elasticity";

    /// <summary>How many copies each datacenter keeps, for creating the keyspace; empty: it is not created.</summary>
    public ImmutableSortedDictionary<string, int> Replication { get; init; } =
        ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>Who logs in; null: nobody does.</summary>
    public string? User { get; init; }

    /// <summary>The password itself; null: see <see cref="PasswordFile"/>.</summary>
    public string? Password { get; init; }

    /// <summary>The file whose first line is the password; read for every connection, so that it may change while the
    /// silo runs.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Whether connections are TLS.</summary>
    public bool Tls { get; init; }

    /// <summary>The file with the certificates, PEM, of those who sign for nodes; null: those that this machine
    /// trusts.</summary>
    public string? CaFile { get; init; }

    /// <summary>What the options said.</summary>
    public static CassandraSettings Of(SiloOptions options) =>
        options.ClusteringSettings as CassandraSettings ?? new CassandraSettings();

    /// <summary>What is missing, or does not go together; null when nothing is.</summary>
    public string? Problem() =>
        ContactPoints.IsEmpty
            ? $"{Clustering} needs {CassandraOptionTable.ContactPoints}, the nodes to begin with."
        : Datacenter is null
            ? $"{Clustering} needs {CassandraOptionTable.Datacenter}, the datacenter that the silo is in."
        : !Replication.IsEmpty && !Replication.ContainsKey(Datacenter)
            ? $"{CassandraOptionTable.Replication} keeps nothing in {Datacenter}, the datacenter that the silo is in."
        : Password is not null && PasswordFile is not null
            ? $"{CassandraOptionTable.Password} and {CassandraOptionTable.PasswordFile} are two passwords: give one."
        : User is null != (Password is null && PasswordFile is null)
            ? $"{CassandraOptionTable.User} needs a password, and a password {CassandraOptionTable.User}."
        : CaFile is not null && !Tls
            ? $"{CassandraOptionTable.CaFile} is for connections with {CassandraOptionTable.Tls}."
        : null;

    private static string Clustering => $"{nameof(SiloOptions.Clustering)} {CassandraClustering.NameOf}";
}
