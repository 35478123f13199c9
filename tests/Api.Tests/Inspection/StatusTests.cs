using System.Net;
using System.Text.Json;
using Elasticity.Api.Tests.Support;
using Elasticity.Engine;
using Xunit;

namespace Elasticity.Api.Tests.Inspection;

/// <summary>Agents, queues, findings, health, metrics.</summary>
public class StatusTests
{
    private readonly FakeElasticity _engine = new();

    [Fact]
    public async Task Agents_are_listed_in_pages()
    {
        _engine.Agents = [Some.Agent("c"), Some.Agent("a"), Some.Agent("b")];
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement first = await host.GetAsync("/v1/agents?limit=2").JsonAsync();
        JsonElement second = await host.GetAsync("/v1/agents?limit=2&cursor=" + first.GetProperty("next")).JsonAsync();

        Assert.Equal(["a", "b"], Texts(first, "id"));
        Assert.Equal(["c"], Texts(second, "id"));
        Assert.False(second.TryGetProperty("next", out _));
    }

    [Fact]
    public async Task Queues_are_listed_in_pages()
    {
        _engine.Queues = _ => ValueTask.FromResult<IReadOnlyList<QueueView>>(
            [new QueueView("a", 1, 2, 3, 4, 5), new QueueView("b", 0, 0, 0, 0, 0)]);
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement page = await host.GetAsync("/v1/queues?limit=1").JsonAsync();

        Assert.Equal(
            """
            {"items":[{"kind":"a","ready":1,"delayed":2,"leased":3,"agents":4,"waiting":5}],"next":"a"}
            """.TrimEnd(),
            page.GetRawText());
    }

    [Fact]
    public async Task Findings_are_listed()
    {
        _engine.Findings = [new Finding("no-agent", "resize", "No agent offers 'resize'.")];
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement page = await host.GetAsync("/v1/doctor").JsonAsync();

        Assert.Equal(
            """{"items":[{"code":"no-agent","subject":"resize","detail":"No agent offers 'resize'."}]}""",
            page.GetRawText());
    }

    [Fact]
    public async Task The_status_is_shown_also_of_an_engine_that_does_not_serve()
    {
        _engine.Status = Some.Status with
        {
            State = "standby", IsReady = false, Code = "engine-standby", Reason = "Another server owns the database.",
        };
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement status = await host.GetAsync("/v1/status").JsonAsync();

        Assert.Equal("standby", status.GetProperty("state").GetString());
        Assert.Equal("engine-standby", status.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_process_that_lives_is_live_whatever_the_engine_does()
    {
        _engine.Status = Some.Status with { IsReady = false };
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        Assert.Equal("""{"status":"live"}""", (await host.GetAsync("/healthz").JsonAsync()).GetRawText());
        using HttpResponseMessage head = await host.SendAsync(HttpMethod.Head, "/healthz");
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Fact]
    public async Task A_server_is_ready_when_its_engine_serves_and_answers()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        Assert.Equal("""{"status":"ready"}""", (await host.GetAsync("/readyz").JsonAsync()).GetRawText());
    }

    [Fact]
    public async Task What_a_server_lacks_although_it_serves_is_said_and_counted()
    {
        string? lacking = "A friend is away.";
        ApiOptions options = new() { Warning = () => lacking };
        await using ApiHost host = await ApiHost.StartAsync(_engine, options);

        JsonElement warned = await host.GetAsync("/readyz").JsonAsync();
        string degraded = await host.Client.GetStringAsync("/metrics");
        lacking = null;
        JsonElement calm = await host.GetAsync("/readyz").JsonAsync();
        string whole = await host.Client.GetStringAsync("/metrics");

        Assert.Equal("""{"status":"ready","warning":"A friend is away."}""", warned.GetRawText());
        Assert.Contains("elasticity_ready 1\n", degraded, StringComparison.Ordinal);
        Assert.Contains("elasticity_degraded 1\n", degraded, StringComparison.Ordinal);
        Assert.Equal("""{"status":"ready"}""", calm.GetRawText());
        Assert.Contains("elasticity_degraded 0\n", whole, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_is_not_ready_when_its_engine_says_so()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        _engine.Status = Some.Status with { IsReady = false, Code = "engine-standby", Reason = "It stands by." };
        await host.GetAsync("/readyz").ProblemAsync(503, "engine-standby");
        _engine.Status = Some.Status with { IsReady = false, Code = "engine-lag", Reason = "It lags." };
        await host.GetAsync("/readyz").ProblemAsync(503, "engine-lag");
        _engine.Status = Some.Status with { IsReady = false };
        await host.GetAsync("/readyz").ProblemAsync(503, "engine-starting");
        using HttpResponseMessage head = await host.SendAsync(HttpMethod.Head, "/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, head.StatusCode);
    }

    [Fact]
    public async Task A_server_is_not_ready_when_its_engine_does_not_answer()
    {
        _engine.Queues = async _ =>
        {
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return [];
        };
        ApiOptions options = new() { ReadyTimeout = TimeSpan.FromMilliseconds(20) };
        await using ApiHost host = await ApiHost.StartAsync(_engine, options);

        await host.GetAsync("/readyz").ProblemAsync(503, "engine-lag");
        string metrics = await host.Client.GetStringAsync("/metrics");
        Assert.Contains("elasticity_lag_seconds ", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_are_in_the_format_of_Prometheus()
    {
        _engine.Queues = _ => ValueTask.FromResult<IReadOnlyList<QueueView>>(
        [
            new QueueView("a", 1, 0, 0, 1, 0), new QueueView("b", 5, 0, 0, 1, 0), new QueueView("c", 2, 0, 0, 1, 0),
        ]);
        await using ApiHost host = await ApiHost.StartAsync(_engine, new ApiOptions { MetricKindsMax = 1 });
        await host.GetAsync("/v1/nowhere");

        using HttpResponseMessage response = await host.GetAsync("/metrics");
        string text = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(
            @"^(# (HELP|TYPE) elasticity_\w+ .+|elasticity_\w+(\{\w+=""[\w.-]+""\})? [0-9.E+-]+)$", line));
        Assert.Contains("elasticity_ready 1\n", text);
        Assert.Contains("elasticity_results_settled_total 8\n", text);
        Assert.Contains("elasticity_queue_ready{kind=\"b\"} 5\n", text);
        Assert.Contains("elasticity_queue_ready{kind=\"_other\"} 3\n", text);
        Assert.DoesNotContain("kind=\"a\"", text);
        Assert.Contains("elasticity_http_problems_total{code=\"not-found\"} 1\n", text);
        Assert.Contains("elasticity_http_requests_total{status=\"4xx\"} 1\n", text);
    }

    [Fact]
    public async Task A_standby_has_metrics_too()
    {
        _engine.Queues = _ => throw new EngineUnavailableException("engine-standby", "It stands by.");
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        Assert.Contains("elasticity_ready ", await host.Client.GetStringAsync("/metrics"));
    }

    private static IEnumerable<string?> Texts(JsonElement page, string member) =>
        page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty(member).GetString());
}
