using System.Net;
using System.Text;
using System.Text.Json;
using Npgsql;
using Xunit;

namespace Elasticity.Silo.Tests;

/// <summary>Somebody leaves a transaction open on the server of a silo's database.</summary>
public sealed class LogLagTests : DatabaseTests
{
    [PostgreSqlFact]
    public async Task A_silo_whose_log_is_held_back_stays_ready_and_says_so_until_the_transaction_has_ended()
    {
        using SiloProcess silo = SiloProcess.StartSilo([.. Database(), "--Migrate"]);
        await silo.UntilAsync("/readyz", HttpStatusCode.OK);

        await using (NpgsqlConnection other = new(Postgres))
        {
            await other.OpenAsync();
            await using NpgsqlTransaction open = await other.BeginTransactionAsync();
            await using NpgsqlCommand write = new("SELECT pg_current_xact_id()", other, open);
            await write.ExecuteScalarAsync();
            await SubmitAsync(silo, "held-back");

            string warned = await silo.UntilAsync("/readyz", HttpStatusCode.OK, "warning");
            Assert.Equal("ready", JsonElement.Parse(warned).GetProperty("status").GetString());
            Assert.Matches("The log has held [0-9]+ events back for [0-9]+ s", warned);
            string metrics = await silo.UntilAsync("/metrics", HttpStatusCode.OK, "elasticity_degraded 1\n");
            Assert.Contains("elasticity_ready 1\n", metrics, StringComparison.Ordinal);
            Assert.DoesNotContain("elasticity_log_lag_events 0\n", metrics, StringComparison.Ordinal);
            JsonElement status = JsonElement.Parse(await silo.Http.GetStringAsync("/v1/status"));
            Assert.True(status.GetProperty("logLagEvents").GetInt64() > 0);
            Assert.Contains("store-lag", await silo.Http.GetStringAsync("/v1/doctor"), StringComparison.Ordinal);
            await silo.UntilItSaysAsync("Work goes on");
            await SubmitAsync(silo, "all-the-same");
            await open.RollbackAsync();
        }

        // Others on the server may hold it back for a moment, but none for long.
        await silo.UntilAsync("/metrics", HttpStatusCode.OK, "elasticity_degraded 0\n");
        await silo.UntilAsync("/metrics", HttpStatusCode.OK, "elasticity_log_lag_events 0\n");
        await silo.UntilItSaysAsync("The log goes on.");
        Assert.DoesNotContain("store-lag", await silo.Http.GetStringAsync("/v1/doctor"), StringComparison.Ordinal);
    }

    private static async Task SubmitAsync(SiloProcess silo, string id)
    {
        using StringContent job = new(
            $$"""{"id":"{{id}}","tasks":[{"kind":"touch"}]}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage submitted = await silo.Http.PostAsync("/v1/jobs", job);
        Assert.Equal(HttpStatusCode.Created, submitted.StatusCode);
    }
}
