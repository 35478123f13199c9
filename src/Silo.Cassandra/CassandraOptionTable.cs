using System.Collections.Immutable;
using System.Globalization;
using static Elasticity.Silo.SiloValue;

namespace Elasticity.Silo.Cassandra;

/// <summary>The options that a silo on Cassandra has besides the others.</summary>
internal static class CassandraOptionTable
{
    public const string ContactPoints = "CassandraContactPoints";
    public const string Port = "CassandraPort";
    public const string Datacenter = "CassandraDatacenter";
    public const string Keyspace = "CassandraKeyspace";
    public const string Replication = "CassandraReplication";
    public const string User = "CassandraUser";
    public const string Password = "CassandraPassword";
    public const string PasswordFile = "CassandraPasswordFile";
    public const string Tls = "CassandraTls";
    public const string CaFile = "CassandraCaFile";

    private const int KeyspaceLengthMax = 48; // Cassandra's own limit.
    private const int ReplicasMax = 99; // Far beyond what anybody has; a slip of the finger is seen.

    /// <summary>In the order of the help.</summary>
    public static IReadOnlyList<SiloOption> All { get; } =
    [
        new(ContactPoints, "none", "nodes of Cassandra to begin with, separated by commas",
            Set((s, v) => s with { ContactPoints = Hosts(v) })),
        new(Port, "9042", "port of its nodes",
            Set((s, v) => s with { Port = SiloValue.Port(v) })),
        new(Datacenter, "none", "datacenter that the silo is in, as Cassandra names it",
            Set((s, v) => s with { Datacenter = DatacenterName(v) })),
        new(Keyspace, "elasticity", "keyspace with the table of members",
            Set((s, v) => s with { Keyspace = KeyspaceName(v) })),
        new(Replication, "none", "copies in each datacenter, such as dc1:3; 'migrate' then creates the keyspace",
            Set((s, v) => s with { Replication = Copies(v) })),
        new(User, "none", "who logs in",
            Set((s, v) => s with { User = Text(v) })),
        new(Password, "none", "its password; others on this machine may see a command line",
            Set((s, v) => s with { Password = Secret(v) })),
        new(PasswordFile, "none", "file whose first line is the password",
            Set((s, v) => s with { PasswordFile = FileName(v) })),
        new(Tls, "false", "connect with TLS",
            Set((s, v) => s with { Tls = Flag(v) }), IsFlag: true),
        new(CaFile, "none", "certificates, PEM, of those who sign for its nodes; none: those that this machine trusts",
            Set((s, v) => s with { CaFile = FileName(v) })),
    ];

    private static Func<SiloOptions, string, SiloOptions> Set(
        Func<CassandraSettings, string, CassandraSettings> change) =>
        (options, value) => options with { ClusteringSettings = change(CassandraSettings.Of(options), value) };

    private static ImmutableArray<string> Hosts(string text)
    {
        string[] hosts = text.Split(',', StringSplitOptions.TrimEntries);
        return hosts.All(h => Uri.CheckHostName(h) != UriHostNameType.Unknown)
            ? [.. hosts]
            : throw Wrong($"host names or IP addresses, separated by commas; {Port} is the port of all", text);
    }

    private static string DatacenterName(string text) => IsDatacenter(text)
        ? text
        : throw Wrong("letters, digits, dots, underscores and dashes", text);

    // Lower-case only, so that the name is the same with and without quotes in CQL.
    private static string KeyspaceName(string text) =>
        text.Length is > 0 and <= KeyspaceLengthMax
        && char.IsAsciiLetterLower(text[0])
        && !text.StartsWith("system", StringComparison.Ordinal)
        && text.All(c => char.IsAsciiLetterLower(c) || c is '_' || char.IsAsciiDigit(c))
            ? text
            : throw Wrong(
                $"1 to {KeyspaceLengthMax} lower-case letters, digits and underscores that begin with a letter, but "
                    + "not with system", text);

    private static ImmutableSortedDictionary<string, int> Copies(string text)
    {
        SortedDictionary<string, int> copies = new(StringComparer.Ordinal);
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int colon = part.LastIndexOf(':');
            if (colon < 0
                || !IsDatacenter(part[..colon])
                || !int.TryParse(part[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                || count is < 1 or > ReplicasMax
                || !copies.TryAdd(part[..colon], count))
            {
                throw Wrong($"datacenters with 1 to {ReplicasMax} copies, such as dc1:3,dc2:3", text);
            }
        }

        return copies.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    // Also what can be put between quotes in CQL.
    private static bool IsDatacenter(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static string Text(string text) => text.Length > 0 ? text : throw Wrong("a name", text);

    private static string Secret(string text) =>
        text.Length > 0 ? text : throw new SiloValueException("a password, and this is empty");
}
