using System.Net;
using Cassandra;
using Elasticity.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Cassandra.Hosting;
using Orleans.Configuration;
using Orleans.Messaging;
using Xunit;
using Host = Microsoft.Extensions.Hosting.Host;

namespace Elasticity.Silo.Cassandra.Tests;

/// <summary>What is put together, before anything is connected.</summary>
public class RegistrationTests
{
    private static readonly System.Reflection.Assembly Provider = typeof(CassandraClusteringOptions).Assembly;

    [Fact]
    public void A_silo_keeps_its_members_in_Cassandra_and_watches_it()
    {
        using IHost silo = Build(OptionsTests.Read(
            [.. OptionsTests.Enough, "--ClusterId", "blue", "--ServiceId", "jobs"]));

        Assert.Same(Provider, silo.Services.GetRequiredService<IMembershipTable>().GetType().Assembly);
        Assert.IsType<CassandraHealth>(Assert.Single(silo.Services.GetServices<IClusteringHealth>()));
        ClusterOptions cluster = silo.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        Assert.Equal(("blue", "jobs"), (cluster.ClusterId, cluster.ServiceId));
        EndpointOptions endpoint = silo.Services.GetRequiredService<IOptions<EndpointOptions>>().Value;
        Assert.Equal((11_111, 30_000), (endpoint.SiloPort, endpoint.GatewayPort));
    }

    [Fact]
    public void Without_the_choice_there_is_nothing_of_Cassandra_in_it()
    {
        using IHost silo = Build(OptionsTests.Read(["--PostgreSql", "Host=127.0.0.1"]));

        Assert.NotSame(Provider, silo.Services.GetRequiredService<IMembershipTable>().GetType().Assembly);
        Assert.Empty(silo.Services.GetServices<IClusteringHealth>());
    }

    [Fact]
    public void A_client_finds_silos_in_Cassandra()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddElasticityOrleansClient(client => client.UseCassandraClustering(
            "Contact Points=cassandra.example.com;Port=9042;Username=u;Password=p", "elasticity"));
        using IHost host = builder.Build();

        Assert.Same(Provider, host.Services.GetRequiredService<IGatewayListProvider>().GetType().Assembly);
    }

    [Fact]
    public void The_driver_is_told_what_the_options_say()
    {
        using Cluster cluster = CassandraConnection.Prepare(CassandraSettings.Of(OptionsTests.Read(
            [.. OptionsTests.Enough, "--CassandraPort", "9142", "--CassandraTls"])));

        Assert.Equal(9_142, cluster.Configuration.ProtocolOptions.Port);
        Assert.Equal(
            System.Security.Authentication.SslProtocols.None,
            cluster.Configuration.ProtocolOptions.SslOptions.SslProtocol);
    }

    [Fact]
    public void A_password_is_the_first_line_of_its_file_as_it_is_now()
    {
        string file = Path.Combine(AppContext.BaseDirectory, $"password-{Guid.NewGuid():N}");
        CassandraSettings settings = CassandraSettings.Of(OptionsTests.Read(
            [.. OptionsTests.Enough, "--CassandraUser", "u", "--CassandraPasswordFile", file]));
        string[] passwords = ["open-sesame", "changed"];

        foreach (string password in passwords)
        {
            File.WriteAllText(file, $"{password}\n");
            Assert.Equal(password, CassandraConnection.PasswordOf(settings));
        }

        File.WriteAllText(file, string.Empty);
        Assert.Throws<InvalidOperationException>(() => CassandraConnection.PasswordOf(settings));
    }

    [Theory]
    [InlineData("--CassandraUser", "u", "--CassandraPasswordFile", "no-such-file")]
    [InlineData("--CassandraTls", "--CassandraCaFile", "no-such-file")]
    public void A_file_that_is_not_there_is_named(params string[] arguments) =>
        Assert.Contains(
            "no-such-file cannot be read",
            Assert.Throws<InvalidOperationException>(() => CassandraConnection.Prepare(
                CassandraSettings.Of(OptionsTests.Read([.. OptionsTests.Enough, .. arguments])))).Message,
            StringComparison.Ordinal);

    private static IHost Build(SiloOptions options)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(options);
        builder.UseOrleans(silo => options.EffectiveClustering.Configure(silo, options, IPAddress.Loopback));
        return builder.Build();
    }
}
