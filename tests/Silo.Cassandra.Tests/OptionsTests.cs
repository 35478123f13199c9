using System.Collections;
using Elasticity.Silo.Tests;
using Xunit;

namespace Elasticity.Silo.Cassandra.Tests;

public class OptionsTests
{
    private static readonly Hashtable Nothing = [];

    /// <summary>What is needed, and nothing else.</summary>
    internal static readonly string[] Enough =
    [
        "--PostgreSql", "Host=127.0.0.1", "--Clustering", "cassandra",
        "--CassandraContactPoints", "127.0.0.1", "--CassandraDatacenter", "dc1",
    ];

    [Fact]
    public void Without_anything_it_is_the_silo_that_it_is_without_Cassandra() =>
        Assert.Equal("localhost", Read([]).EffectiveClustering.Name);

    [Fact]
    public void Everything_that_is_said_arrives()
    {
        SiloOptions options = Read(
        [
            .. Enough, "--CassandraContactPoints", "one.example.com, 10.1.2.3,::1", "--CassandraPort", "9142",
            "--CassandraKeyspace", "silos", "--CassandraReplication", "dc2:2, dc1:3", "--CassandraUser", "u",
            "--CassandraPassword", "p", "--CassandraTls", "--CassandraCaFile", "/ca.pem",
        ]);

        CassandraSettings settings = CassandraSettings.Of(options);
        Assert.Equal("cassandra", options.EffectiveClustering.Name);
        Assert.Equal<string>(["one.example.com", "10.1.2.3", "::1"], settings.ContactPoints.AsEnumerable());
        Assert.Equal((9_142, "dc1", "silos"), (settings.Port, settings.Datacenter, settings.Keyspace));
        Assert.Equal("dc1:3 dc2:2", string.Join(' ', settings.Replication.Select(r => $"{r.Key}:{r.Value}")));
        Assert.Equal(("u", "p", null), (settings.User, settings.Password, settings.PasswordFile));
        Assert.True(settings.Tls);
        Assert.Equal("/ca.pem", settings.CaFile);
    }

    [Fact]
    public void The_environment_may_say_it()
    {
        SiloOptions options = Read(Enough, new Hashtable { ["ELASTICITY_SILO_CASSANDRAKEYSPACE"] = "silos" });

        Assert.Equal("silos", CassandraSettings.Of(options).Keyspace);
    }

    [Theory]
    [InlineData("CassandraContactPoints", "")]
    [InlineData("CassandraContactPoints", "a,,b")]
    [InlineData("CassandraContactPoints", "a:9042")]
    [InlineData("CassandraPort", "0")]
    [InlineData("CassandraDatacenter", "")]
    [InlineData("CassandraDatacenter", "dc'1")]
    [InlineData("CassandraKeyspace", "Upper")]
    [InlineData("CassandraKeyspace", "system_auth")]
    [InlineData("CassandraKeyspace", "1x")]
    [InlineData("CassandraKeyspace", "a;b")]
    [InlineData("CassandraKeyspace", "a234567890123456789012345678901234567890123456789")]
    [InlineData("CassandraReplication", "3")]
    [InlineData("CassandraReplication", "dc1:0")]
    [InlineData("CassandraReplication", "dc1:100")]
    [InlineData("CassandraReplication", "dc1:3,dc1:2")]
    [InlineData("CassandraReplication", "dc1:3,")]
    [InlineData("CassandraReplication", "d'c:3")]
    [InlineData("CassandraUser", "")]
    [InlineData("CassandraPassword", "")]
    [InlineData("CassandraPasswordFile", "")]
    [InlineData("CassandraTls", "yes")]
    [InlineData("CassandraCaFile", "")]
    public void A_wrong_value_is_refused_with_its_name(string name, string value) =>
        Assert.Contains($"--{name}: {name} is ", Refusal([.. Enough, $"--{name}={value}"]), StringComparison.Ordinal);

    [Fact]
    public void An_unknown_name_is_refused_and_the_program_named() =>
        Assert.Equal(
            "Nobody knows the option --CassandraKeyspaces. 'elasticity-silo-cassandra --help' lists them.",
            Refusal([.. Enough, "--CassandraKeyspaces", "x"]));

    [Theory]
    [InlineData("keeps nothing in dc1", "--CassandraReplication", "dc2:3")]
    [InlineData("two passwords", "--CassandraUser", "u", "--CassandraPassword", "p", "--CassandraPasswordFile", "f")]
    [InlineData("needs a password", "--CassandraUser", "u")]
    [InlineData("a password CassandraUser", "--CassandraPassword", "p")]
    [InlineData("a password CassandraUser", "--CassandraPasswordFile", "f")]
    [InlineData("with CassandraTls", "--CassandraCaFile", "ca.pem")]
    [InlineData("options for Clustering cassandra, but it is postgresql", "--Clustering", "postgresql")]
    public void What_does_not_go_together_is_refused(string wanted, params string[] arguments) =>
        Assert.Contains(wanted, Refusal([.. Enough, .. arguments]), StringComparison.Ordinal);

    [Theory]
    [InlineData("--PostgreSql", "needs PostgreSql, too")]
    [InlineData("--CassandraContactPoints", "needs CassandraContactPoints")]
    [InlineData("--CassandraDatacenter", "needs CassandraDatacenter")]
    public void What_is_missing_is_named(string option, string wanted)
    {
        int at = Array.IndexOf(Enough, option);

        Assert.Contains(wanted, Refusal([.. Enough[..at], .. Enough[(at + 2)..]]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_shows_no_password() =>
        Assert.DoesNotContain(
            "sesame", Refusal([.. Enough, "--CassandraPassword", "open-sesame"]), StringComparison.Ordinal);

    [Fact]
    public void The_help_has_a_line_for_every_option() =>
        Assert.All(CassandraClustering.Build.Options, o => Assert.Contains(
            $"--{o.Name} ", SiloConfiguration.Help(CassandraClustering.Build), StringComparison.Ordinal));

    [Fact]
    public void The_guide_has_a_line_for_every_option()
    {
        string guide = Repository.Read("docs/guides/cluster.md");

        Assert.All(CassandraOptionTable.All, o => Assert.Matches($"(?m)^\\| .*`{o.Name}`.*\\|$", guide));
    }

    [Fact]
    public void The_silo_without_Cassandra_knows_that_these_options_are_here() =>
        Assert.All(CassandraOptionTable.All, o =>
            Assert.Equal(CassandraClustering.Build.Name, SiloBuild.Plain.ElsewhereIs(o.Name)));

    internal static SiloOptions Read(string[] arguments, Hashtable? environment = null) =>
        SiloConfiguration.Read(arguments, environment ?? Nothing, CassandraClustering.Build);

    private static string Refusal(string[] arguments) =>
        Assert.Throws<SiloUsageException>(() => Read(arguments)).Message;
}
