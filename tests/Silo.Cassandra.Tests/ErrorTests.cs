using System.Net;
using System.Net.Sockets;
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
}
