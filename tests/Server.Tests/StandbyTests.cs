using System.Text.Json;
using Xunit;
using static Elasticity.Server.Tests.Http;

namespace Elasticity.Server.Tests;

/// <summary>Two servers on one PostgreSQL database.</summary>
public class StandbyTests
{
    private static ServerOptions Options(string schema) => new()
    {
        Listen = "http://127.0.0.1:0",
        PostgreSql = Environment.GetEnvironmentVariable(PostgreSqlFactAttribute.Variable),
        PostgreSqlSchema = schema,
        DataDirectory = Path.GetTempPath(),
    };

    [PostgreSqlFact]
    public async Task The_second_server_stands_by_and_takes_over_when_the_first_one_goes()
    {
        ServerOptions options = Options($"test_{Guid.NewGuid():N}");
        await using ElasticityServer first = await StartAsync(options);
        using HttpClient toFirst = await ReadyAsync(first);
        await JsonAsync(toFirst.PostAsync("/v1/jobs", Json("""{"id":"job-1","tasks":[{"kind":"resize"}]}""")), 201);

        await using ElasticityServer second = await StartAsync(options);
        using HttpClient toSecond = new() { BaseAddress = new Uri(second.Addresses[0]) };
        await UntilAsync(async () =>
            (await JsonAsync(toSecond.GetAsync("/v1/status"))).GetProperty("state").GetString() == "standby");
        await JsonAsync(toSecond.GetAsync("/healthz"));
        await StandsByAsync(toSecond.GetAsync("/readyz"));
        await StandsByAsync(toSecond.GetAsync("/v1/jobs/job-1"));
        await StandsByAsync(toSecond.PostAsync("/v1/jobs", Json("""{"id":"job-2","tasks":[]}""")));
        await StandsByAsync(toSecond.GetAsync("/v1/jobs/job-1/watch"));
        Assert.Contains("elasticity_ready 0", await toSecond.GetStringAsync("/metrics"));

        await first.DisposeAsync();

        await UntilAsync(async () => (await toSecond.GetAsync("/readyz")).IsSuccessStatusCode);
        JsonElement job = await JsonAsync(toSecond.GetAsync("/v1/jobs/job-1"));
        Assert.Equal("open", job.GetProperty("state").GetString());
        await JsonAsync(toSecond.PostAsync("/v1/jobs/job-1/cancel", null));
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_waited_for()
    {
        ServerOptions options = Options("test") with
        {
            PostgreSql = "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing;Timeout=1",
        };
        await using ElasticityServer server = await StartAsync(options);
        using HttpClient client = new() { BaseAddress = new Uri(server.Addresses[0]) };

        await JsonAsync(client.GetAsync("/healthz"));
        JsonElement problem = await JsonAsync(client.GetAsync("/readyz"), 503);
        Assert.Equal("store-unavailable", problem.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("Host=x;Colour=red")]
    public async Task A_connection_string_that_makes_no_sense_stops_the_start(string connectionString)
    {
        ServerStartException refused = await Assert.ThrowsAsync<ServerStartException>(
            () => StartAsync(Options("test") with { PostgreSql = connectionString }));

        Assert.Equal("options-invalid", refused.Code);
    }

    private static async Task StandsByAsync(Task<HttpResponseMessage> sent)
    {
        JsonElement problem = await JsonAsync(sent, 503);
        Assert.Equal("engine-standby", problem.GetProperty("code").GetString());
    }
}
