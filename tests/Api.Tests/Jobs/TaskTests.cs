using System.Net;
using System.Text.Json;
using Elasticity.Api.Tests.Support;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Xunit;

namespace Elasticity.Api.Tests.Jobs;

/// <summary>Showing tasks.</summary>
public class TaskTests
{
    private readonly FakeElasticity _engine = new();

    [Fact]
    public async Task A_task_is_shown_with_everything_that_happened()
    {
        _engine.Task = id => Some.Task(id, "leased") with
        {
            DependsOn = [1, 2],
            NotBefore = Some.T0,
            Lease = new Lease(7, 2, new AgentId("agent-1"), new SessionId("s-1"), "r-1"),
            Progress = "half",
            Failure = new Failure("timeout", "It took too long.", IsFinal: false),
            Reason = null,
            EndedAt = null,
            Result = Payload.None,
        };
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement task = await host.GetAsync("/v1/jobs/job-1/tasks/3?payloads=true").JsonAsync();

        Assert.Equal(["show job-1/3@now with payloads"], _engine.Calls);
        Assert.Equal(
            """
            {"job":"job-1","index":3,"name":"first","kind":"resize","state":"leased","priority":0,"dependsOn":[1,2],
            "notBefore":"2026-01-31T12:00:00Z","run":1,"attempts":0,"leasesLost":0,"leasesExpired":0,"token":1,
            "lease":{"token":7,"attempt":2,"agent":"agent-1","session":"s-1"},"progress":"half",
            "failure":{"code":"timeout","message":"It took too long.","isFinal":false},
            "startedAt":"2026-01-31T12:00:00Z","version":2,"payload":{ "width" : 100 }}
            """.ReplaceLineEndings(string.Empty),
            task.GetRawText());
    }

    [Fact]
    public async Task An_earlier_version_is_shown_on_request()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync("/v1/jobs/job-1/tasks/3?version=1").JsonAsync();

        Assert.Equal(["show job-1/3@1"], _engine.Calls);
    }

    [Fact]
    public async Task The_tag_changes_with_what_no_event_tells()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);
        string path = "/v1/jobs/job-1/tasks/3";
        using HttpResponseMessage first = await host.GetAsync(path);
        string tag = first.Headers.ETag!.ToString();

        using HttpResponseMessage same = await host.SendAsync(
            HttpMethod.Get, path, null, ("If-None-Match", tag));
        _engine.Task = id => Some.Task(id) with { Progress = "further" };
        using HttpResponseMessage changed = await host.SendAsync(
            HttpMethod.Get, path, null, ("If-None-Match", tag));

        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task Input_and_result_are_given_byte_for_byte()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        using HttpResponseMessage payload = await host.GetAsync("/v1/jobs/job-1/tasks/3/payload");
        using HttpResponseMessage result = await host.GetAsync("/v1/jobs/job-1/tasks/3/result");

        Assert.Equal("""{ "width" : 100 }""", await payload.Content.ReadAsStringAsync());
        Assert.Equal("""[ "done" ]""", await result.Content.ReadAsStringAsync());
        Assert.Equal("application/json", result.Content.Headers.ContentType?.ToString());
        Assert.NotNull(result.Headers.ETag);
    }

    [Fact]
    public async Task What_is_not_there_is_not_shown()
    {
        _engine.Task = id => Some.Task(id, "ready") with { Payload = Payload.None, Result = Payload.None };
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync("/v1/jobs/job-1/tasks/3/payload").ProblemAsync(404, "no-content");
        await host.GetAsync("/v1/jobs/job-1/tasks/3/result").ProblemAsync(404, "no-content");

        _engine.Task = _ => new Rejection("task-unknown", "It has no such task.");
        await host.GetAsync("/v1/jobs/job-1/tasks/3").ProblemAsync(404, "task-unknown");
        await host.GetAsync("/v1/jobs/job-1/tasks/3/payload").ProblemAsync(404, "task-unknown");
        await host.GetAsync("/v1/jobs/job-1/tasks/3/result").ProblemAsync(404, "task-unknown");
        await host.GetAsync("/v1/jobs/job-1/tasks/three").ProblemAsync(400, "invalid");
        await host.GetAsync("/v1/jobs/job-1/tasks/99999999999").ProblemAsync(400, "invalid");
    }

    [Fact]
    public async Task Tasks_are_listed_in_pages()
    {
        _engine.Tasks = () => new Page<TaskView>([Some.Task(new TaskId(new JobId("a"), 0))], "1");
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement page = await host.GetAsync("/v1/jobs/a/tasks?state=succeeded&limit=1&payloads=true").JsonAsync();
        await host.GetAsync("/v1/jobs/a/tasks?cursor=1").JsonAsync();

        Assert.Equal(
            [
                "tasks a succeeded after  limit 1 payloads True",
                "tasks a  after 1 limit 100 payloads False",
            ],
            _engine.Calls);
        Assert.Equal("1", page.GetProperty("next").GetString());
        Assert.Equal(0, page.GetProperty("items")[0].GetProperty("index").GetInt32());
    }

    [Fact]
    public async Task A_page_with_payloads_is_smaller()
    {
        ApiOptions options = new() { PageMax = 50, PageDefault = 20, PageWithPayloadsMax = 10 };
        await using ApiHost host = await ApiHost.StartAsync(_engine, options);

        await host.GetAsync("/v1/jobs/a/tasks?limit=50").JsonAsync();
        await host.GetAsync("/v1/jobs/a/tasks?limit=51").ProblemAsync(422, "limit-exceeded");
        await host.GetAsync("/v1/jobs/a/tasks?payloads=true").JsonAsync();
        await host.GetAsync("/v1/jobs/a/tasks?payloads=true&limit=11").ProblemAsync(422, "limit-exceeded");
        await host.GetAsync("/v1/jobs/a/tasks?payloads=maybe").ProblemAsync(400, "invalid");

        Assert.Equal(
            ["tasks a  after  limit 50 payloads False", "tasks a  after  limit 10 payloads True"], _engine.Calls);
    }
}
