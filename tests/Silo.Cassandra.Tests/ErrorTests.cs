using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Cassandra;
using Xunit;
using TlsAuthenticationException = System.Security.Authentication.AuthenticationException;

namespace Elasticity.Silo.Cassandra.Tests;

/// <summary>Which errors are waited for, and which end a silo.</summary>
public class ErrorTests
{
    private static readonly IPEndPoint Node = new(IPAddress.Loopback, 9_042);

    public static TheoryData<Exception> Refusals =>
    [
        new AuthenticationException("Provided username u and/or password are incorrect"),
        new NoHostAvailableException(new() { [Node] = new AuthenticationException("Bad credentials") }),
        new NoHostAvailableException(new() { [Node] = new TlsAuthenticationException("The certificate is invalid") }),
        new NoHostAvailableException(new() { [Node] = new InvalidQueryException("Keyspace 'x' does not exist") }),
        new UnauthorizedException("User u has no CREATE permission"),
        new InvalidQueryException("unconfigured table"),
        new ArgumentException("Datacenter dc9 does not match any of the nodes"),
    ];

    public static TheoryData<Exception> Absences =>
    [
        new NoHostAvailableException([]),
        new NoHostAvailableException(new() { [Node] = new SocketException((int)SocketError.ConnectionRefused) }),
        new NoHostAvailableException(new()
        {
            [Node] = new SocketException((int)SocketError.ConnectionRefused),
            [new IPEndPoint(IPAddress.Loopback, 9_043)] = new AuthenticationException("Bad credentials"),
        }),
        new OperationTimedOutException(Node, 5_000),
        new UnavailableException(ConsistencyLevel.Quorum, 2, 1),
        new TimeoutException("Cluster initialization was aborted"),
    ];

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_ends_it(Exception error)
    {
        InvalidOperationException said = Assert.IsType<InvalidOperationException>(CassandraConnection.Translate(error));

        Assert.StartsWith("Cassandra refuses: ", said.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", said.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Absences))]
    public void An_absence_is_waited_for(Exception error) =>
        Assert.IsType<ClusteringAwayException>(CassandraConnection.Translate(error));

    [Fact]
    public async Task Nobody_at_the_port_is_an_absence()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();

        ClusteringAwayException said = await Assert.ThrowsAsync<ClusteringAwayException>(
            () => CassandraClustering.Build.Further!.CheckAsync(
                OptionsTests.Read([.. OptionsTests.Enough, "--CassandraPort", $"{port}"]), CancellationToken.None));

        Assert.StartsWith("Cassandra cannot be reached: ", said.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_have_no_address_are_an_absence()
    {
        ClusteringAwayException said = await Assert.ThrowsAsync<ClusteringAwayException>(
            () => CassandraClustering.Build.Further!.CheckAsync(
                OptionsTests.Read([.. OptionsTests.Enough, "--CassandraContactPoints", "nobody.invalid"]),
                CancellationToken.None));

        Assert.StartsWith("Cassandra cannot be reached: ", said.Message, StringComparison.Ordinal);
        Assert.Contains("nobody.invalid", said.Message, StringComparison.Ordinal);
    }

    [Fact]
    [SuppressMessage("Reliability", "CA2025", Justification = "Whoever greets is awaited at the end.")]
    public async Task A_node_with_a_certificate_that_nobody_trusts_is_a_refusal()
    {
        using X509Certificate2 certificate = TrustTests.MakeAuthority("CN=stranger");
        using TcpListener node = new(IPAddress.Loopback, 0);
        node.Start();
        int port = ((IPEndPoint)node.LocalEndpoint).Port;
        Task greets = GreetAsync(node, certificate);

        InvalidOperationException said = await Assert.ThrowsAsync<InvalidOperationException>(
            () => CassandraClustering.Build.Further!.CheckAsync(
                OptionsTests.Read([.. OptionsTests.Enough, "--CassandraPort", $"{port}", "--CassandraTls"]),
                CancellationToken.None));

        Assert.StartsWith("Cassandra refuses: ", said.Message, StringComparison.Ordinal);
        node.Stop();
        await greets;
    }

    private static async Task GreetAsync(TcpListener node, X509Certificate2 certificate)
    {
        while (true)
        {
            try
            {
                using TcpClient silo = await node.AcceptTcpClientAsync();
                await using SslStream stream = new(silo.GetStream());
                await stream.AuthenticateAsServerAsync(certificate);
            }
            catch (Exception e) when (e is IOException or TlsAuthenticationException)
            {
                // The silo hung up.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return; // Stopped.
            }
        }
    }
}
