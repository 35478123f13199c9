using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Elasticity.Silo.Tests;

/// <summary>The program as it is started, on a database of its own schema.</summary>
public sealed class SiloTests : DatabaseTests
{
    private const int ShuttingDown = 4; // Orleans.Runtime.SiloStatus, as the table of members has it.
    private const int Stopping = 5;
    private const int Dead = 6;

    [Fact]
    public async Task It_says_its_version_and_its_options()
    {
        using SiloProcess version = SiloProcess.Start("--version");
        using SiloProcess help = SiloProcess.Start("--help");

        Assert.Equal(0, await version.ExitAsync());
        Assert.Matches(@"^\d+\.\d+\.\d+", version.Output);
        Assert.Equal(0, await help.ExitAsync());
        Assert.Contains("--GatewayPort", help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_option_ends_it_with_2_and_one_sentence()
    {
        using SiloProcess silo = SiloProcess.Start("--SiloPort", "x");

        Assert.Equal(2, await silo.ExitAsync());
        Assert.Equal("elasticity-silo: --SiloPort: SiloPort is a port from 1 to 65535, not 'x'.", silo.Output);
    }

    /// <summary>Orleans itself would share the ports of silos, so that calls meant for the one reach the
    /// other.</summary>
    [Fact]
    public async Task A_port_that_is_taken_ends_it_with_1_and_a_sentence()
    {
        string[] ports = ["--SiloPort", $"{SiloProcess.FreePort()}", "--GatewayPort", $"{SiloProcess.FreePort()}"];
        using SiloProcess first = SiloProcess.StartSilo(ports);
        await first.UntilAsync("/readyz", HttpStatusCode.OK);
        string http = first.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        foreach (string[] taken in (string[][])[ports[..2], ports[2..], ["--Listen", http]])
        {
            using SiloProcess second = SiloProcess.StartSilo(taken);

            Assert.Equal(1, await second.ExitAsync());
            string port = taken[1].Split(':')[^1];
            Assert.Equal(
                $"elasticity-silo: {taken[0]}: 127.0.0.1:{port} cannot be used: another process listens there.",
                second.Output);
        }
    }

    /// <summary>Otherwise the first is declared dead, for one that cannot serve.</summary>
    [PostgreSqlFact]
    public async Task A_silo_that_is_started_once_more_leaves_the_first_alone()
    {
        await MigrateAsync(0);
        string[] own =
        [
            .. Database(), "--SiloPort", $"{SiloProcess.FreePort()}", "--GatewayPort", $"{SiloProcess.FreePort()}",
        ];
        using SiloProcess first = SiloProcess.StartSilo(own);
        await first.UntilAsync("/readyz", HttpStatusCode.OK);

        using SiloProcess second = SiloProcess.StartSilo(
            [.. own, "--Listen", first.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)]);

        Assert.Equal(1, await second.ExitAsync());
        await first.UntilAsync("/readyz", HttpStatusCode.OK);
        Assert.Equal(
            "1 silo, status 3",
            await AskAsync($"SELECT count(*) || ' silo, status ' || max(status) FROM {Schema}_cluster.silo"));
    }

    [PostgreSqlFact]
    public async Task Migrating_again_changes_nothing_and_a_newer_database_is_refused()
    {
        string[] first = await MigrateAsync(0);
        string[] second = await MigrateAsync(0);
        await AskAsync($"UPDATE {Schema}_cluster.schema_version SET version = version + 1");
        string[] newer = await MigrateAsync(1);
        await AskAsync($"UPDATE {Schema}_cluster.schema_version SET version = version - 1");
        await AskAsync($"UPDATE {Schema}.store SET version = version + 1");
        string[] newerEvents = await MigrateAsync(1);
        using SiloProcess silo = SiloProcess.StartSilo(Database());

        Assert.Contains("are ready for this release.", Assert.Single(first), StringComparison.Ordinal);
        Assert.Equal(first, second);
        Assert.Contains("made by a newer release", Assert.Single(newer), StringComparison.Ordinal);
        Assert.Contains("this release reads up to", Assert.Single(newerEvents), StringComparison.Ordinal);
        Assert.Equal(1, await silo.ExitAsync());
        Assert.Contains("this release reads up to", silo.Output, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_database_that_is_not_prepared_is_said_to_be_so()
    {
        using SiloProcess silo = SiloProcess.StartSilo(Database());

        Assert.Equal(1, await silo.ExitAsync());
        Assert.Contains("run 'elasticity-silo migrate'", silo.Output, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_silo_that_is_told_to_stop_while_it_waits_for_its_database_does()
    {
        await using DatabaseGate gate = new(Postgres);
        using SiloProcess silo = SiloProcess.StartSilo(Database(gate.ConnectionString));
        await silo.UntilItSaysAsync("The database does not answer");

        silo.Terminate();

        Assert.Equal(0, await silo.ExitAsync());
    }

    [PostgreSqlFact]
    public async Task A_database_that_is_away_is_waited_for_and_missed_and_found_again()
    {
        await using DatabaseGate gate = new(Postgres);
        using SiloProcess silo = SiloProcess.StartSilo([.. Database(gate.ConnectionString), "--Migrate"]);
        await silo.UntilItSaysAsync("The database does not answer");

        gate.Open();
        await silo.UntilAsync("/readyz", HttpStatusCode.OK);

        await gate.CloseAsync();
        await silo.UntilAsync("/readyz", HttpStatusCode.ServiceUnavailable, "store-unavailable");
        await silo.UntilAsync("/healthz", HttpStatusCode.OK);
        Assert.Contains("elasticity_ready 0", await silo.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);

        gate.Open();
        await silo.UntilAsync("/readyz", HttpStatusCode.OK);
        Assert.Contains("The database is back.", silo.Output, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task What_could_not_be_stored_while_the_database_was_away_can_be_done_when_it_is_back()
    {
        await using DatabaseGate gate = new(Postgres);
        gate.Open();
        using SiloProcess silo = SiloProcess.StartSilo([.. Database(gate.ConnectionString), "--Migrate"]);
        await silo.UntilAsync("/readyz", HttpStatusCode.OK);
        using StringContent job = Json("""{"id":"nightly","tasks":[{"kind":"touch"}]}""");
        using HttpResponseMessage submitted = await silo.Http.PostAsync("/v1/jobs", job);
        submitted.EnsureSuccessStatusCode();

        await gate.CloseAsync();
        using HttpResponseMessage refused = await silo.Http.PostAsync("/v1/jobs/nightly/pause", null);
        Assert.Equal("store-unavailable", CodeOf(await refused.Content.ReadAsStringAsync()));

        gate.Open();
        await silo.UntilAsync("/readyz", HttpStatusCode.OK);
        using HttpResponseMessage paused = await silo.Http.PostAsync("/v1/jobs/nightly/pause", null);
        Assert.Equal(HttpStatusCode.OK, paused.StatusCode);
        Assert.Contains("\"isPaused\":true", await paused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_silo_that_is_told_to_stop_says_so_first_answers_what_is_under_way_and_leaves_in_order()
    {
        await MigrateAsync(0);
        using SiloProcess silo = SiloProcess.StartSilo(
            [.. Database(), "--DrainDelay", "00:00:10", "--StopTimeout", "00:00:40"]);
        await silo.UntilAsync("/readyz", HttpStatusCode.OK);
        await AskAsync(WatchMembers());
        using StringContent offer = Json("""{"kinds":["touch"],"slots":1}""");
        using HttpResponseMessage registered = await silo.Http.PutAsync("/v1/agents/a/sessions/s", offer);
        registered.EnsureSuccessStatusCode();
        Task<HttpResponseMessage> poll = silo.Http.PostAsync(
            "/v1/agents/a/sessions/s/lease", Json("""{"requestId":"r","max":1,"waitSeconds":30}"""));

        silo.Terminate();

        Assert.Equal("engine-stopping", CodeOf(await silo.UntilAsync("/readyz", HttpStatusCode.ServiceUnavailable)));
        using StringContent job = Json("""{"id":"late","tasks":[{"kind":"touch"}]}""");
        using HttpResponseMessage submitted = await silo.Http.PostAsync("/v1/jobs", job);
        Assert.Equal(HttpStatusCode.Created, submitted.StatusCode);
        using HttpResponseMessage polled = await poll;
        Assert.Equal("engine-stopping", CodeOf(await polled.Content.ReadAsStringAsync()));
        Assert.Equal(0, await silo.ExitAsync());
        Assert.Contains("The silo has left the cluster.", silo.Output, StringComparison.Ordinal);
        int[] seen = await SeenAsync();
        Assert.Equal([ShuttingDown, Dead], seen);
    }

    [PostgreSqlFact]
    [SuppressMessage("Reliability", "CA2025", Justification = "The request is awaited at the end.")]
    public async Task A_request_that_does_not_end_does_not_keep_a_silo_from_leaving()
    {
        await MigrateAsync(0);
        using SiloProcess silo = SiloProcess.StartSilo(
            [.. Database(), "--DrainDelay", "00:00:00", "--StopTimeout", "00:00:24"]);
        await silo.UntilAsync("/readyz", HttpStatusCode.OK);
        await AskAsync(WatchMembers());
        EndlessContent body = new();
        Task<HttpResponseMessage> endless = silo.Http.PostAsync("/v1/jobs", body);
        await body.Begun;

        silo.Terminate();

        Assert.Equal(0, await silo.ExitAsync());
        Assert.Contains("1 requests were not answered in time", silo.Output, StringComparison.Ordinal);
        int[] seen = await SeenAsync();
        Assert.Equal([ShuttingDown, Dead], seen);
        body.End(); // Or the client, who noticed that the silo has gone, would wait for the body's end for ever.
        await Assert.ThrowsAnyAsync<Exception>(() => endless);
    }

    private static string CodeOf(string problem) =>
        JsonElement.Parse(problem).GetProperty("code").GetString()!;

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private async Task<string[]> MigrateAsync(int exitCode)
    {
        using SiloProcess silo = SiloProcess.Start(["migrate", .. Database()]);
        Assert.Equal(exitCode, await silo.ExitAsync());
        return silo.Output.Split('\n');
    }

    // What becomes of members, in the order of becoming.
    private string WatchMembers() => $"""
        CREATE TABLE {Schema}_cluster.seen (number serial, status int);
        CREATE FUNCTION {Schema}_cluster.see() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN INSERT INTO {Schema}_cluster.seen (status) VALUES (NEW.status); RETURN NEW; END';
        CREATE TRIGGER see AFTER UPDATE ON {Schema}_cluster.silo FOR EACH ROW
            WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION {Schema}_cluster.see();
        """;

    private async Task<int[]> SeenAsync() => (int[])(await AskAsync(
        $"SELECT array_agg(status ORDER BY number) FROM {Schema}_cluster.seen WHERE status <> {Stopping}"))!;

    /// <summary>A body that begins and does not end by itself.</summary>
    private sealed class EndlessContent : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndlessContent() => Headers.ContentType = new("application/json");

        public Task Begun => _begun.Task;

        public void End() => _ended.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("{"u8.ToArray());
            await stream.FlushAsync();
            _begun.SetResult();
            await _ended.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
