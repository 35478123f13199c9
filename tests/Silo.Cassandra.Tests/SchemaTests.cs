using Cassandra;
using Xunit;

namespace Elasticity.Silo.Cassandra.Tests;

/// <summary>What Cassandra is told, heard by something that answers every question with no rows.</summary>
public class SchemaTests
{
    private const string CreateKeyspace =
        "CREATE KEYSPACE IF NOT EXISTS silos WITH replication = "
        + "{'class': 'NetworkTopologyStrategy', 'dc1': 3, 'dc2': 2}";

    [Fact]
    public async Task Migrating_creates_the_keyspace_and_then_the_providers_table_in_it()
    {
        (ICluster cluster, RecordingCassandra heard) = RecordingCassandra.Create();

        string said = await CassandraSchema.PrepareAsync(cluster, Settings("--CassandraReplication", "dc2:2,dc1:3"));

        Assert.Equal("The keyspace silos of Cassandra is ready.", said);
        Assert.Equal($": {CreateKeyspace}", heard.Statements[0]);
        string[] inKeyspace = [.. heard.Statements.Skip(1)];
        Assert.All(inKeyspace, s => Assert.StartsWith("silos: ", s, StringComparison.Ordinal));
        Assert.Contains(inKeyspace, s => s.StartsWith(
            "silos: CREATE TABLE IF NOT EXISTS membership ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_replication_somebody_else_creates_the_keyspace()
    {
        (ICluster cluster, RecordingCassandra heard) = RecordingCassandra.Create();

        await CassandraSchema.PrepareAsync(cluster, Settings());

        Assert.DoesNotContain(heard.Statements, s => s.Contains("KEYSPACE", StringComparison.Ordinal));
        Assert.Contains(heard.Statements, s => s.Contains("CREATE TABLE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_keyspace_without_the_table_is_said_to_be_unprepared()
    {
        (ICluster cluster, RecordingCassandra heard) = RecordingCassandra.Create();
        ISession session = await cluster.ConnectAsync("silos");

        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => CassandraSchema.CheckAsync(session, Settings()));

        Assert.Contains("run 'elasticity-silo-cassandra migrate'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(
            "keyspace_name = 'silos' AND table_name = 'membership'",
            Assert.Single(heard.Statements),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_keyspace_that_is_not_there_is_said_to_be_so()
    {
        (ICluster cluster, RecordingCassandra heard) = RecordingCassandra.Create();
        heard.Fails = new InvalidQueryException("Keyspace 'silos' does not exist");

        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => CassandraConnection.ConnectAsync(cluster, Settings()));

        Assert.Contains("has no keyspace silos", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("CassandraReplication", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Readiness_asks_a_majority_for_the_members_of_this_cluster()
    {
        SimpleStatement question = Assert.IsType<SimpleStatement>(CassandraSchema.ReadVersion(
            OptionsTests.Read([.. OptionsTests.Enough, "--ServiceId", "jobs", "--ClusterId", "blue"])));

        Assert.Equal(
            "SELECT version FROM membership WHERE partition_key = 'jobs-blue' LIMIT 1", question.QueryString);
        Assert.Equal(ConsistencyLevel.Quorum, question.ConsistencyLevel);
    }

    private static CassandraSettings Settings(params string[] arguments) => CassandraSettings.Of(
        OptionsTests.Read([.. OptionsTests.Enough, "--CassandraKeyspace", "silos", .. arguments]));
}
