using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cassandra;
using DriverAuthenticationException = Cassandra.AuthenticationException;
using TlsAuthenticationException = System.Security.Authentication.AuthenticationException;

namespace Elasticity.Silo.Cassandra;

/// <summary>Makes connections to Cassandra, and says what its errors mean.</summary>
internal static class CassandraConnection
{
    /// <summary>A node that does not answer a connection for so long is away; others are tried.</summary>
    private const int ConnectMilliseconds = 5_000;

    /// <summary>Cassandra gives up on a transaction after a second or two, by its defaults, and says so; after this
    /// the node counts as away.</summary>
    private const int AnswerMilliseconds = 5_000;

    /// <summary>How often a node that is away is tried again. The driver's own pause grows to ten minutes: for so long
    /// a silo would not see that Cassandra is back.</summary>
    private const int ReconnectMilliseconds = 2_000;

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1"; // RFC 5280.

    /// <summary>Makes a cluster of the driver: names of nodes are looked up, nothing is connected yet.</summary>
    /// <exception cref="ClusteringAwayException">None of the names has an address.</exception>
    /// <exception cref="InvalidOperationException">A file that an option names cannot be used.</exception>
    public static Cluster Prepare(CassandraSettings settings)
    {
        Builder builder = Cluster.Builder()
            .AddContactPoints(settings.ContactPoints)
            .WithPort(settings.Port)
            .WithLoadBalancingPolicy(Policies.NewDefaultLoadBalancingPolicy(settings.Datacenter))
            .WithReconnectionPolicy(new ConstantReconnectionPolicy(ReconnectMilliseconds))
            .WithSocketOptions(new SocketOptions()
                .SetConnectTimeoutMillis(ConnectMilliseconds)
                .SetReadTimeoutMillis(AnswerMilliseconds));
        if (settings.User is not null)
        {
            CassandraLogin.PasswordOf(settings); // A file that cannot be used is said at once, not for every node.
            builder.WithAuthProvider(new CassandraLogin(settings));
        }

        if (settings.Tls)
        {
            builder.WithSSL(TlsOf(settings.CaFile));
        }

        try
        {
            return builder.Build();
        }
        catch (NoHostAvailableException e)
        {
            throw Translate(e);
        }
    }

    /// <summary>Connects to the keyspace.</summary>
    /// <param name="cluster">The driver's.</param>
    /// <param name="settings">Which keyspace.</param>
    /// <exception cref="ClusteringAwayException">No node answers.</exception>
    /// <exception cref="InvalidOperationException">Cassandra refuses, and will again.</exception>
    public static async Task<ISession> ConnectAsync(ICluster cluster, CassandraSettings settings)
    {
        try
        {
            return await TranslateAsync(() => cluster.ConnectAsync(settings.Keyspace));
        }
        catch (InvalidOperationException e) when (e.InnerException is InvalidQueryException)
        {
            throw new InvalidOperationException(
                $"Cassandra has no keyspace {settings.Keyspace}: create it, or let "
                + $"'{CassandraClustering.Build.Name} migrate' do it with {CassandraOptionTable.Replication}.",
                e);
        }
    }

    /// <summary>Does something and translates the errors of the driver.</summary>
    /// <exception cref="ClusteringAwayException">No answer.</exception>
    /// <exception cref="InvalidOperationException">Cassandra refuses, and will again.</exception>
    public static async Task<T> TranslateAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception e) when (
            e is DriverException or DriverInternalError or TimeoutException or ArgumentException or SocketException)
        {
            throw Translate(e);
        }
    }

    /// <summary>What an error of the driver means: whether to try again, or what to do.</summary>
    public static Exception Translate(Exception e) => e switch
    {
        NoHostAvailableException { Errors.Count: > 0 } none when none.Errors.Values.All(IsRefusal) =>
            Refusal(none.Errors.Values.First()),
        NoHostAvailableException none => new ClusteringAwayException(
            $"Cassandra cannot be reached: {Sentence(none.Errors.Values.FirstOrDefault() ?? none)}", e),
        _ when IsRefusal(e) => Refusal(e),
        _ => new ClusteringAwayException($"Cassandra does not answer: {Sentence(e)}", e),
    };

    /// <summary>Whether the certificate of a node is one that this machine, or the given authority, signed for that
    /// name.</summary>
    /// <param name="authorities">Who may sign; null: whom this machine trusts.</param>
    /// <param name="certificate">The node's.</param>
    /// <param name="sent">What the node sent with it.</param>
    /// <param name="errors">What this machine thinks of it.</param>
    public static bool IsTrusted(
        X509Certificate2Collection? authorities, X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors)
    {
        if (authorities is null)
        {
            return errors is SslPolicyErrors.None;
        }

        if (certificate is not X509Certificate2 node
            || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) is not SslPolicyErrors.None)
        {
            return false;
        }

        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(sent?.ChainPolicy.ExtraStore ?? []);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // An authority of one's own publishes no list.
        return chain.Build(node);
    }

    private static SSLOptions TlsOf(string? caFile)
    {
        X509Certificate2Collection? authorities = caFile is null ? null : CassandraFile.CertificatesOf(caFile);

        // None: the versions that this machine allows. The driver's own default is TLS 1.0.
        return new SSLOptions(
            SslProtocols.None,
            checkCertificateRevocation: false,
            (_, certificate, chain, errors) => IsTrusted(authorities, certificate, chain, errors));
    }

    // Wrong names, passwords and certificates stay wrong however often they are tried. What Cassandra could not do for
    // want of nodes or of time, it may later. An argument is wrong when no node is in the datacenter.
    private static bool IsRefusal(Exception e) =>
        e is DriverAuthenticationException or TlsAuthenticationException or ArgumentException
            or (QueryValidationException and not QueryExecutionException);

    private static InvalidOperationException Refusal(Exception e) => new($"Cassandra refuses: {Sentence(e)}", e);

    private static string Sentence(Exception e) => e.Message.TrimEnd('.') + ".";
}
