using System.Net;
using System.Text.Json;
using Elasticity.Api.Tests.Support;
using Elasticity.Domain;
using Elasticity.Engine;
using Xunit;

namespace Elasticity.Api.Tests.Jobs;

/// <summary>Showing and steering jobs.</summary>
public class JobTests
{
    private readonly FakeElasticity _engine = new();

    [Fact]
    public async Task A_job_is_shown()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement job = await host.GetAsync("/v1/jobs/job-1").JsonAsync();

        Assert.Equal(
            """
            {"id":"job-1","name":"Résumé","state":"open","isPaused":false,"taskCount":2,"counts":{"blocked":0,
            "released":1,"skipAsked":0,"succeeded":1,"deadLettered":0,"cancelled":0,"skipped":0},"policy":{
            "onDeadLetter":"fail-fast","leaseSeconds":90},"labels":{"team":"blue"},
            "createdAt":"2026-01-31T12:00:00Z","sealedAt":"2026-01-31T12:00:01Z","version":3}
            """.ReplaceLineEndings(string.Empty),
            job.GetRawText());
    }

    [Fact]
    public async Task An_earlier_version_is_shown_on_request()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync("/v1/jobs/job-1?version=2").JsonAsync();

        Assert.Equal(["show job-1@2"], _engine.Calls);
        await host.GetAsync("/v1/jobs/job-1?version=-1").ProblemAsync(400, "invalid");
    }

    [Fact]
    public async Task What_did_not_change_is_not_sent_again()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);
        using HttpResponseMessage first = await host.GetAsync("/v1/jobs/job-1");
        string tag = first.Headers.ETag!.ToString();

        foreach (string known in new[] { tag, $"\"other\", {tag}", "W/" + tag, "*" })
        {
            using HttpResponseMessage same = await host.SendAsync(
                HttpMethod.Get, "/v1/jobs/job-1", null, ("If-None-Match", known));
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
            Assert.Equal(tag, same.Headers.ETag!.ToString());
        }

        _engine.Job = id => Some.Job(id.Value, version: 4);
        using HttpResponseMessage changed = await host.SendAsync(
            HttpMethod.Get, "/v1/jobs/job-1", null, ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Theory]
    [InlineData("/v1/jobs/a/cancel", "cancel a")]
    [InlineData("/v1/jobs/a/pause", "pause a")]
    [InlineData("/v1/jobs/a/resume", "resume a")]
    [InlineData("/v1/jobs/a/redrive", "redrive a all")]
    [InlineData("/v1/jobs/a/tasks/7/redrive", "redrive a 7")]
    [InlineData("/v1/jobs/a/erase", "erase a all")]
    [InlineData("/v1/jobs/a/tasks/7/erase", "erase a 7")]
    [InlineData("/v1/jobs/a/trim", "trim a")]
    public async Task A_job_is_steered(string path, string call)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.PostAsync(path).JsonAsync();
        Assert.Equal([call], _engine.Calls);

        _engine.Job = _ => new Rejection("job-unknown", "There is no job a.");
        await host.PostAsync(path).ProblemAsync(404, "job-unknown");
        _engine.Job = _ => new Rejection("job-state", "It has ended.");
        await host.PostAsync(path).ProblemAsync(409, "job-state");
    }

    [Theory]
    [InlineData("/v1/jobs/a/cancel")]
    [InlineData("/v1/jobs/a/pause")]
    [InlineData("/v1/jobs/a/resume")]
    [InlineData("/v1/jobs/a/redrive")]
    [InlineData("/v1/jobs/a/tasks/7/redrive")]
    [InlineData("/v1/jobs/a/seal")]
    [InlineData("/v1/jobs/a/erase")]
    [InlineData("/v1/jobs/a/trim")]
    [InlineData("/v1/agents/a/sessions/s/drain")]
    public async Task What_takes_no_body_does_not_pass_one_over(string path)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.PostAsync(path, """{"index":3}""").ProblemAsync(400, "unknown-field");
        await host.PostAsync(path, "[3]").ProblemAsync(400, "invalid");
        await host.PostAsync(path, "{").ProblemAsync(400, "bad-json");
        await host.PostAsync(path, $"\"{new string('x', 20_000)}\"").ProblemAsync(413, "body-too-large");
        Assert.Empty(_engine.Calls);

        await host.PostAsync(path, "{}").JsonAsync();
        await host.PostAsync(path, "").JsonAsync();
        Assert.Equal(2, _engine.Calls.Count);
    }

    [Theory]
    [InlineData("/v1/jobs/a/redrive", "redrive a all")]
    [InlineData("/v1/jobs/a/tasks/7/redrive", "redrive a 7")]
    public async Task A_redrive_that_is_sent_again_with_its_key_is_the_same_request(string path, string call)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);
        foreach (string key in (string[])["order 7", "order 7", "order 8"])
        {
            await host.SendAsync(HttpMethod.Post, path, null, ("Idempotency-Key", key)).JsonAsync();
        }

        string first = _engine.Calls[0];
        Assert.Matches($"^{call} as key-[0-9a-f]{{32}}$", first);
        Assert.Equal([true, true, false], _engine.Calls.Select(c => c == first));

        await host.SendAsync(HttpMethod.Post, path, null, ("Idempotency-Key", "\u00e9")).ProblemAsync(400, "invalid");
        _engine.Job = _ => new Rejection("idempotency-mismatch", "It was for another redrive.");
        await host.PostAsync(path).ProblemAsync(422, "idempotency-mismatch");
    }

    [Fact]
    public async Task Jobs_are_listed_in_pages()
    {
        _engine.Jobs = () => new Page<JobSummary>([Some.Job("a"), Some.Job("b")], "there");
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement page = await host.GetAsync("/v1/jobs?state=open&search=x&cursor=here&limit=2").JsonAsync();

        Assert.Equal(["jobs open/x after here limit 2"], _engine.Calls);
        Assert.Equal("there", page.GetProperty("next").GetString());
        Assert.Equal(
            ["a", "b"], page.GetProperty("items").EnumerateArray().Select(j => j.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task The_last_page_has_no_next()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement page = await host.GetAsync("/v1/jobs").JsonAsync();

        Assert.Equal(["jobs / after  limit 100"], _engine.Calls);
        Assert.Equal("""{"items":[]}""", page.GetRawText());
    }

    [Theory]
    [InlineData("?state=done", 400, "invalid")]
    [InlineData("?search=a%00b", 400, "invalid")]
    [InlineData("?cursor=", 400, "invalid")]
    [InlineData("?cursor=a%20b", 400, "invalid")]
    [InlineData("?limit=0", 400, "invalid")]
    [InlineData("?limit=-1", 400, "invalid")]
    [InlineData("?limit=many", 400, "invalid")]
    [InlineData("?limit=1&limit=2", 400, "invalid")]
    [InlineData("?limit=99999999999", 400, "invalid")]
    [InlineData("?limit=1001", 422, "limit-exceeded")]
    [InlineData("?colour=red", 400, "unknown-parameter")]
    [InlineData("?State=open", 400, "unknown-parameter")]
    public async Task A_page_that_cannot_be_is_refused(string query, int status, string code)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync("/v1/jobs" + query).ProblemAsync(status, code);

        Assert.Empty(_engine.Calls);
    }

    [Fact]
    public async Task A_search_has_a_limit()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync("/v1/jobs?search=" + new string('x', 128)).JsonAsync();
        await host.GetAsync("/v1/jobs?search=" + new string('x', 129)).ProblemAsync(400, "invalid");
    }

    [Fact]
    public async Task A_cursor_that_the_engine_does_not_know_is_refused()
    {
        _engine.Jobs = () => new Rejection("invalid", "The cursor is none.");
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync("/v1/jobs?cursor=x").ProblemAsync(400, "invalid");
    }
}
