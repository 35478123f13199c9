using System.Collections;
using Xunit;

namespace Elasticity.Silo.Tests;

public class ConfigurationTests
{
    private static readonly Hashtable Nothing = [];

    [Fact]
    public void Without_anything_the_silo_is_a_cluster_of_its_own_on_this_machine()
    {
        SiloOptions options = SiloConfiguration.Read([], Nothing);

        Assert.Equal("localhost", options.EffectiveClustering.Name);
        Assert.True(options.Listen.IsLoopback);
        Assert.Equal("127.0.0.1", options.Address);
    }

    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        string file = WriteFile("""{"ClusterId":"of-the-file","SiloPort":1,"GatewayPort":3}""");

        SiloOptions options = SiloConfiguration.Read(
            ["--Config", file, "--siloport", "2"],
            new Hashtable
            {
                ["ELASTICITY_SILO_SILOPORT"] = "9",
                ["ELASTICITY_SILO_GatewayPort"] = "4",
                ["PATH"] = "x",
            });

        Assert.Equal("of-the-file", options.ClusterId);
        Assert.Equal(2, options.SiloPort);
        Assert.Equal(4, options.GatewayPort);
    }

    [Fact]
    public void The_environment_may_name_the_file() =>
        Assert.Equal("x", SiloConfiguration.Read(
            [], new Hashtable { ["ELASTICITY_SILO_CONFIG"] = WriteFile("""{"clusterid":"x"}""") }).ClusterId);

    [Theory]
    [InlineData("--Migrate")]
    [InlineData("--Migrate", "true")]
    [InlineData("--Migrate=true")]
    public void A_flag_needs_no_value(params string[] arguments) =>
        Assert.True(SiloConfiguration.Read(arguments, Nothing).Migrate);

    [Theory]
    [InlineData("--Prot", "1")]
    [InlineData("--Prot")]
    [InlineData("--Prot=1")]
    public void An_unknown_name_on_the_command_line_is_refused(params string[] arguments) =>
        Assert.Contains("Nobody knows the option --Prot.", Refusal(arguments), StringComparison.Ordinal);

    [Fact]
    public void An_unknown_name_in_the_environment_is_refused() =>
        Assert.Contains(
            "Nobody knows the option ELASTICITY_SILO_SERVICE_HOST.",
            Refusal([], new Hashtable { ["ELASTICITY_SILO_SERVICE_HOST"] = "10.0.0.1" }),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"Prot":1}""", "Prot")]
    [InlineData("""{"PostgreSql":{"Host":"x"}}""", "PostgreSql:Host")]
    [InlineData("""{"Migrate":[true]}""", "Migrate:0")]
    public void An_unknown_name_in_the_file_is_refused(string json, string name)
    {
        string file = WriteFile(json);

        Assert.Contains(
            $"Nobody knows the option {name} in {file}.", Refusal(["--Config", file]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("""{"SiloPort":1,"SiloPort":2}""")]
    public void A_file_that_is_no_JSON_object_is_refused(string json)
    {
        string file = WriteFile(json);

        Assert.Contains($"The file {file} cannot be read", Refusal(["--Config", file]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_named_must_be_there() =>
        Assert.Contains("cannot be read", Refusal(["--Config", "no-such-file.json"]), StringComparison.Ordinal);

    [Theory]
    [InlineData("SiloPort", "0")]
    [InlineData("SiloPort", "65536")]
    [InlineData("GatewayPort", "x")]
    [InlineData("Migrate", "yes")]
    [InlineData("Clustering", "zookeeper")]
    [InlineData("ClusterId", "")]
    [InlineData("ServiceId", "a b")]
    [InlineData("Address", "0.0.0.0")]
    [InlineData("Address", "::")]
    [InlineData("Address", "a b")]
    [InlineData("Listen", "127.0.0.1:8080")]
    [InlineData("Listen", "https://127.0.0.1:8080")]
    [InlineData("Listen", "http://127.0.0.1:8080/x")]
    [InlineData("Listen", "http://silo.example.com:8080")]
    [InlineData("PostgreSql", "Hst=x")]
    [InlineData("PostgreSql", "Database=x")]
    [InlineData("PostgreSqlSchema", "Upper")]
    [InlineData("PostgreSqlSchema", "pg_x")]
    [InlineData("PostgreSqlSchema", "1x")]
    [InlineData("StopTimeout", "20")]
    [InlineData("StopTimeout", "00:00:00.5")]
    [InlineData("DrainDelay", "-00:00:01")]
    [InlineData("KeysFile", "")]
    public void A_wrong_value_is_refused_with_its_name_and_what_would_be_right(string name, string value) =>
        Assert.Contains($"--{name}: {name} is ", Refusal([$"--{name}={value}"]), StringComparison.Ordinal);

    [Fact]
    public void What_another_program_was_built_with_is_refused_with_its_name()
    {
        Assert.Equal(
            "--Clustering: Clustering is one that this program was built without: 'elasticity-silo-cassandra' has "
                + "cassandra.",
            Refusal(["--Clustering", "Cassandra"]));
        Assert.Equal(
            "This program was built without what the option ELASTICITY_SILO_CASSANDRAKEYSPACE is for; "
                + "'elasticity-silo-cassandra' has it.",
            Refusal([], new Hashtable { ["ELASTICITY_SILO_CASSANDRAKEYSPACE"] = "x" }));
    }

    [Theory]
    [InlineData("Anybody could reach", "--Listen", "http://0.0.0.0:8080")]
    [InlineData("needs PostgreSql", "--Clustering", "postgresql")]
    [InlineData("two ports", "--SiloPort", "5", "--GatewayPort", "5")]
    [InlineData("at most half of StopTimeout", "--DrainDelay", "00:00:15")]
    public void What_does_not_go_together_is_refused(string wanted, params string[] arguments) =>
        Assert.Contains(wanted, Refusal(arguments), StringComparison.Ordinal);

    [Theory]
    [InlineData("SiloPort")]
    [InlineData("--SiloPort")]
    [InlineData("migrate")]
    public void What_is_no_option_with_a_value_is_refused(string argument) => Refusal([argument]);

    [Theory]
    [InlineData("Host=127.0.0.1;Password=open-sesame;Port=x")]
    [InlineData("Host=127.0.0.1;Password=open-sesame;Nonsense=1")]
    public void A_refusal_shows_no_password(string connection) =>
        Assert.DoesNotContain("sesame", Refusal(["--PostgreSql", connection]), StringComparison.Ordinal);

    [Fact]
    public void The_help_has_a_line_for_every_option() =>
        Assert.All(SiloBuild.Plain.Options, o =>
            Assert.Contains($"--{o.Name} ", SiloConfiguration.Help(SiloBuild.Plain), StringComparison.Ordinal));

    [Fact]
    public void The_guide_has_a_line_for_every_option()
    {
        string guide = Repository.Read("docs/guides/cluster.md");

        Assert.All(SiloBuild.Plain.Options, o => Assert.Matches($"(?m)^\\| .*`{o.Name}`.*\\|$", guide));
    }

    private static string Refusal(string[] arguments, Hashtable? environment = null) =>
        Assert.Throws<SiloUsageException>(() => SiloConfiguration.Read(arguments, environment ?? Nothing)).Message;

    private static string WriteFile(string json)
    {
        string file = Path.Combine(AppContext.BaseDirectory, $"config-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, json);
        return file;
    }
}
