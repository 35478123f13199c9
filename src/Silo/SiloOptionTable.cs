using System.Globalization;
using System.Net;
using Elasticity.Grains;
using Npgsql;
using static Elasticity.Silo.SiloValue;

namespace Elasticity.Silo;

/// <summary>The options of every silo.</summary>
internal static class SiloOptionTable
{
    private const int SchemaLengthMax = 50; // "_cluster" is appended, and PostgreSQL cuts names at 63.
    private const int IdLengthMax = 128; // Orleans stores cluster and service ids in columns of 150.

    private static readonly TimeSpan StopTimeoutMax = TimeSpan.FromHours(1);

    /// <summary>In the order of the help.</summary>
    public static IReadOnlyList<SiloOption> Of(SiloBuild build) =>
    [
        new("PostgreSql", "none", "Npgsql connection string; without it all is forgotten with the process",
            (o, v) => o with { PostgreSql = ConnectionString(v) }),
        new("PostgreSqlSchema", "elasticity", "schema of the events; that of the cluster has _cluster appended",
            (o, v) => o with { PostgreSqlSchema = Schema(v) }),
        new("Migrate", "false", "create or upgrade the schemas on start",
            (o, v) => o with { Migrate = Flag(v) }, IsFlag: true),
        new("Clustering", "see there", string.Join("; ", build.Clusterings.Select(c => $"{c.Name}: {c.Meaning}")),
            (o, v) => o with { Clustering = Clustering(build, v) }),
        new("ClusterId", "elasticity", "silos with the same id are one cluster",
            (o, v) => o with { ClusterId = Id(v) }),
        new("ServiceId", "elasticity", "what reminders belong to; the same over all deployments",
            (o, v) => o with { ServiceId = Id(v) }),
        new("Address", "127.0.0.1", "where other silos and clients reach this one: an IP address, or a host name",
            (o, v) => o with { Address = Host(v) }),
        new("SiloPort", "11111", "port for other silos",
            (o, v) => o with { SiloPort = Port(v) }),
        new("GatewayPort", "30000", "port for Orleans clients",
            (o, v) => o with { GatewayPort = Port(v) }),
        new("Listen", "http://127.0.0.1:8080", "HTTP API and dashboard; on more than this machine only with KeysFile",
            (o, v) => o with { Listen = Url(v) }),
        new("KeysFile", "none", "API keys, made by 'elasticity keys'",
            (o, v) => o with { KeysFile = FileName(v) }),
        new("Dashboard", "true", "serve the dashboard below /dashboard",
            (o, v) => o with { Dashboard = Flag(v) }, IsFlag: true),
        new("QueueShards", "1", "grains that hold the queue of one kind; the same in every silo",
            (o, v) => o with { QueueShards = Shards(v) }),
        new("DrainDelay", "00:00:03", "so long after SIGTERM requests are still taken while /readyz says no",
            (o, v) => o with { DrainDelay = Time(v, TimeSpan.Zero) }),
        new("StopTimeout", "00:00:20", "how long a stop may take in all",
            (o, v) => o with { StopTimeout = Time(v, TimeSpan.FromSeconds(1)) }),
    ];

    private static string ConnectionString(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text).Host is { Length: > 0 }
                ? text
                : throw new SiloValueException("an Npgsql connection string; this one names no Host");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException)
        {
            // Never the text itself: it holds a password.
            throw new SiloValueException($"an Npgsql connection string, which this is not: {e.Message}");
        }
    }

    private static string Schema(string text) =>
        text.Length is > 0 and <= SchemaLengthMax
        && !char.IsAsciiDigit(text[0])
        && !text.StartsWith("pg_", StringComparison.Ordinal)
        && text.All(c => char.IsAsciiLetterLower(c) || c is '_' || char.IsAsciiDigit(c))
            ? text
            : throw Wrong(
                $"1 to {SchemaLengthMax} lower-case letters, digits and underscores that begin with neither a digit "
                    + "nor pg_", text);

    private static IClusteringChoice Clustering(SiloBuild build, string text) =>
        build.Clusterings.FirstOrDefault(c => c.Name.Equals(text, StringComparison.OrdinalIgnoreCase))
        ?? throw (build.ElsewhereIs(text) is { } other
            ? new SiloValueException(
                $"one that this program was built without: '{other}' has {text.ToLowerInvariant()}")
            : Wrong(string.Join(" or ", build.Clusterings.Select(c => c.Name)), text));

    private static string Id(string text) =>
        text.Length is > 0 and <= IdLengthMax && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? text
            : throw Wrong($"1 to {IdLengthMax} letters, digits, dots, underscores and dashes", text);

    private static string Host(string text) =>
        !IPAddress.TryParse(text, out IPAddress? address)
            ? Uri.CheckHostName(text) == UriHostNameType.Dns
                ? text
                : throw Wrong("an IP address or a host name", text)
        : address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
            ? throw Wrong("where others reach this silo, not where it listens", text)
        : text;

    private static int Shards(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
        && count is > 0 and <= GrainsOptions.QueueShardsMax
            ? count
            : throw Wrong($"a number from 1 to {GrainsOptions.QueueShardsMax}", text);

    private static Uri Url(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttp
        && url is { PathAndQuery: "/", UserInfo: "", Fragment: "" }
        && (url.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 || url.Host == "localhost")
            ? url
            : throw Wrong("http://, an IP address or localhost, and a port, such as http://127.0.0.1:8080", text);

    private static TimeSpan Time(string text, TimeSpan min) =>
        TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out TimeSpan time)
        && time >= min && time <= StopTimeoutMax && text.Contains(':', StringComparison.Ordinal)
            ? time
            : throw Wrong($"a time from {min} to {StopTimeoutMax}, as hours:minutes:seconds", text);
}
