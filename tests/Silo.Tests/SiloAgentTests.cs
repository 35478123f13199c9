using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Elasticity.Silo.Tests;

/// <summary>Silos with an agent in them, as <c>samples/SiloWithAgent</c> is.</summary>
public sealed class SiloAgentTests : DatabaseTests
{
    private const int TaskCount = 120;

    private static readonly string SampleProgram =
        Path.Combine(AppContext.BaseDirectory, "Elasticity.SiloWithAgent.dll");

    [Fact]
    public async Task Its_help_is_that_of_the_silo_under_its_own_name()
    {
        using SiloProcess silo = SiloProcess.StartSiloOf(SampleProgram, "--help");

        Assert.Equal(0, await silo.ExitAsync());
        Assert.StartsWith("Elasticity.SiloWithAgent [--Option value]", silo.Output, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task What_a_silo_that_was_killed_worked_on_is_done_by_another_at_once()
    {
        using SiloProcess first = SiloProcess.StartSiloOf(SampleProgram, [.. Database(), "--Migrate"]);
        await first.UntilAsync("/v1/agents", HttpStatusCode.OK, "\"isInProcess\":true");
        using SiloProcess second = SiloProcess.StartSiloOf(SampleProgram, Database());
        await second.UntilAsync("/readyz", HttpStatusCode.OK);

        // So long a lease that it does not run out before the test is given up.
        string tasks = string.Join(
            ',',
            Enumerable.Range(0, TaskCount)
                .Select(n => $$"""{"kind":"square","payload":{{n}},"leaseSeconds":3600}"""));
        using StringContent job = new(
            $$"""{"id":"squares","tasks":[{{tasks}}]}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage submitted = await second.Http.PostAsync("/v1/jobs", job);
        Assert.Equal(HttpStatusCode.Created, submitted.StatusCode);
        await UntilBothWorkAsync();

        first.Kill();

        await second.UntilAsync("/v1/jobs/squares", HttpStatusCode.OK, "\"state\":\"succeeded\"");
        Assert.Equal(TaskCount, await CountAsync("type = 'task-succeeded-1'"));
        long lost = await CountAsync("type = 'task-lost-1'");
        Assert.InRange(lost, 1, TaskCount);
        Assert.Equal(lost, await CountAsync("type = 'task-lost-1'", "process-dead"));
        Assert.Equal(0, await CountAsync("type = 'task-expired-1'"));

        // Its own: what the dead one had recorded is not among them, so that they never go back.
        string metrics = await second.Http.GetStringAsync("/metrics");
        Match settled = Regex.Match(metrics, @"^elasticity_results_settled_total (\d+)$", RegexOptions.Multiline);
        Assert.InRange(int.Parse(settled.Groups[1].Value, CultureInfo.InvariantCulture), 1, TaskCount - 1);

        second.Terminate();

        Assert.Equal(0, await second.ExitAsync());
        Assert.Equal(1, await CountAsync("type = 'agent-session-ended-1'", "closed"));
    }

    private async Task UntilBothWorkAsync()
    {
        using CancellationTokenSource late = new(TimeSpan.FromMinutes(2));
        while (await CountAsync("type = 'agent-registered-1'") < 2
            || await CountAsync("type = 'task-succeeded-1'") < TaskCount / 4
            || await CountHeldByTheFirstAsync() < 3)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), late.Token);
        }
    }

    private async Task<long> CountHeldByTheFirstAsync() => (long)(await AskAsync($"""
        SELECT count(*) FROM {Schema}.events held WHERE type = 'task-leased-1'
            AND encode(content, 'escape') LIKE '%"' || (SELECT substr(stream, length('agent/') + 1)
                FROM {Schema}.events WHERE type = 'agent-registered-1' ORDER BY position LIMIT 1) || '"%'
            AND NOT EXISTS (SELECT FROM {Schema}.events later
                WHERE later.stream = held.stream AND later.version > held.version)
        """))!;

    private async Task<long> CountAsync(string condition, string text = "") => (long)(await AskAsync(
        $"SELECT count(*) FROM {Schema}.events WHERE {condition} AND encode(content, 'escape') LIKE '%{text}%'"))!;
}
