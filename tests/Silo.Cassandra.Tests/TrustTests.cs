using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace Elasticity.Silo.Cassandra.Tests;

public class TrustTests
{
    private const SslPolicyErrors UnknownAuthority = SslPolicyErrors.RemoteCertificateChainErrors;

    private static readonly X509Certificate2 Authority = MakeAuthority("CN=ours");
    private static readonly X509Certificate2 Node = Sign(Authority);

    [Fact]
    public void A_certificate_of_the_given_authority_is_trusted() =>
        Assert.True(CassandraConnection.IsTrusted([Authority], Node, null, UnknownAuthority));

    [Fact]
    public void That_of_another_is_not() =>
        Assert.False(CassandraConnection.IsTrusted([MakeAuthority("CN=theirs")], Node, null, UnknownAuthority));

    [Fact]
    public void One_that_only_this_machine_trusts_is_not_when_an_authority_is_given() =>
        Assert.False(CassandraConnection.IsTrusted(
            [MakeAuthority("CN=theirs")], Node, null, SslPolicyErrors.None));

    [Fact]
    public void One_for_another_name_is_not() =>
        Assert.False(CassandraConnection.IsTrusted(
            [Authority], Node, null, UnknownAuthority | SslPolicyErrors.RemoteCertificateNameMismatch));

    [Fact]
    public void A_node_without_one_is_not() =>
        Assert.False(CassandraConnection.IsTrusted(
            [Authority], null, null, SslPolicyErrors.RemoteCertificateNotAvailable));

    [Theory]
    [InlineData(SslPolicyErrors.None, true)]
    [InlineData(UnknownAuthority, false)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, false)]
    public void Without_an_authority_this_machine_says(SslPolicyErrors errors, bool isTrusted) =>
        Assert.Equal(isTrusted, CassandraConnection.IsTrusted(null, Node, null, errors));

    internal static X509Certificate2 MakeAuthority(string name)
    {
        using ECDsa key = ECDsa.Create();
        CertificateRequest request = new(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    private static X509Certificate2 Sign(X509Certificate2 authority)
    {
        using ECDsa key = ECDsa.Create();
        CertificateRequest request = new("CN=node", key, HashAlgorithmName.SHA256);
        return request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), [1]);
    }
}
