using System.Net;
using System.Text;
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
    public void Nodes_that_are_away_are_tried_again_every_few_seconds_for_ever()
    {
        using Cluster cluster = CassandraConnection.Prepare(CassandraSettings.Of(OptionsTests.Read(
            OptionsTests.Enough)));
        IReconnectionSchedule schedule = cluster.Configuration.Policies.ReconnectionPolicy.NewSchedule();

        Assert.All(Enumerable.Range(0, 1_000), _ => Assert.InRange(schedule.NextDelayMs(), 1, 5_000));
    }

    [Fact]
    public void A_connection_logs_in_with_the_first_line_of_the_file_as_it_is_now()
    {
        string file = Path.Combine(AppContext.BaseDirectory, $"password-{Guid.NewGuid():N}");
        CassandraSettings settings = CassandraSettings.Of(OptionsTests.Read(
            [.. OptionsTests.Enough, "--CassandraUser", "u", "--CassandraPasswordFile", file]));
        CassandraLogin login = new(settings);
        IPEndPoint node = new(IPAddress.Loopback, settings.Port);
        string[] passwords = ["open-sesame", "changed"];

        foreach (string password in passwords)
        {
            File.WriteAllText(file, $"{password}\n");
            Assert.Equal($"\0u\0{password}", Encoding.UTF8.GetString(login.NewAuthenticator(node).InitialResponse()));
        }

        File.WriteAllText(file, string.Empty);
        Assert.Throws<InvalidOperationException>(() => login.NewAuthenticator(node));
    }

    [Fact]
    public void A_file_of_authorities_without_any_is_named()
    {
        string file = Path.Combine(AppContext.BaseDirectory, $"authorities-{Guid.NewGuid():N}");
        File.WriteAllText(file, "no PEM");

        Assert.Contains(
            $"{file} holds no certificate",
            Assert.Throws<InvalidOperationException>(() => CassandraConnection.Prepare(CassandraSettings.Of(
                OptionsTests.Read([.. OptionsTests.Enough, "--CassandraTls", "--CassandraCaFile", file])))).Message,
            StringComparison.Ordinal);
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
