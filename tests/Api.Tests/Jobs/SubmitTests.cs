using System.Net;
using System.Text.Json;
using Elasticity.Api.Tests.Support;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Xunit;

namespace Elasticity.Api.Tests.Jobs;

/// <summary>Submitting.</summary>
public class SubmitTests
{
    private const string OneTask = """{"tasks":[{"kind":"resize"}]}""";

    private readonly FakeElasticity _engine = new();

    [Fact]
    public async Task A_new_job_is_created_and_an_old_one_is_shown()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        using HttpResponseMessage created = await host.PostAsync("/v1/jobs", """{"id":"a","tasks":[]}""");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/v1/jobs/a", created.Headers.Location?.ToString());

        _engine.Submit = s => new SubmitReceipt(Some.Job(s.Id.Value), IsNew: false);
        JsonElement again = await host.PostAsync("/v1/jobs", """{"id":"a","tasks":[]}""").JsonAsync();
        Assert.Equal("a", again.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Everything_that_was_said_reaches_the_engine()
    {
        JobSubmission? seen = null;
        _engine.Submit = s => new SubmitReceipt(Some.Job((seen = s).Id.Value), IsNew: true);
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.PostAsync("/v1/jobs", """
            {
              "id": "a", "name": "Größe", "labels": { "team": "blue" },
              "policy": { "onDeadLetter": "ignore", "retry": { "attemptsMax": 5 }, "leaseSeconds": 90, "priority": 7 },
              "tasks": [
                { "kind": "fetch", "name": "first", "payload": { "url" : "x" } },
                {
                  "kind": "resize", "dependsOn": ["first", 0], "leaseSeconds": 1.5, "priority": -3,
                  "notBefore": "2026-02-01T01:00:00+01:00",
                  "retry": {
                    "attemptsMax": 1, "firstSeconds": 0.25, "factor": 3, "capSeconds": 60, "jitter": 0
                  }
                }
              ]
            }
            """).JsonAsync(201);

        Assert.NotNull(seen);
        Assert.Equal("Größe", seen.Header.Name);
        Assert.Equal("blue", seen.Header.Labels["team"]);
        Assert.Equal(DeadLetterRule.Ignore, seen.Header.Policy.OnDeadLetter);
        Assert.Equal(new() { AttemptsMax = 5 }, seen.Header.Policy.Retry);
        Assert.Equal(TimeSpan.FromSeconds(90), seen.Header.Policy.LeaseLength);
        Assert.Equal(7, seen.Header.Policy.Priority);

        TaskSpec first = seen.Tasks[0];
        Assert.Equal(("fetch", "first"), (first.Kind, first.Name));
        Assert.Equal("""{ "url" : "x" }""", first.Payload.ToString());
        Assert.Equal((null, null, null), (first.Retry, first.LeaseLength, first.Priority));

        TaskSpec second = seen.Tasks[1];
        Assert.Equal([0, 0], second.DependsOn.ToArray());
        Assert.Equal(TimeSpan.FromSeconds(1.5), second.LeaseLength);
        Assert.Equal(-3, second.Priority);
        Assert.Equal(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero), second.NotBefore);
        Assert.Equal(
            new()
            {
                AttemptsMax = 1,
                First = TimeSpan.FromSeconds(0.25),
                Factor = 3,
                Cap = TimeSpan.FromMinutes(1),
                Jitter = 0,
            },
            second.Retry);
        Assert.True(second.Payload.IsNone);
    }

    [Fact]
    public async Task Without_an_id_the_server_chooses_one()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        string? one = (await host.PostAsync("/v1/jobs", OneTask).JsonAsync(201)).GetProperty("id").GetString();
        string? other = (await host.PostAsync("/v1/jobs", OneTask).JsonAsync(201)).GetProperty("id").GetString();

        Assert.True(Identifier.IsValid(one));
        Assert.NotEqual(one, other);
    }

    [Fact]
    public async Task The_same_idempotency_key_is_the_same_job()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        string? one = await IdOfAsync(host, "order 7");
        string? again = await IdOfAsync(host, "order 7");
        string? other = await IdOfAsync(host, "order 8");

        Assert.True(Identifier.IsValid(one));
        Assert.Equal(one, again);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public async Task An_id_and_an_idempotency_key_are_not_given_both()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.SendAsync(
            HttpMethod.Post, "/v1/jobs", """{"id":"mine","tasks":[]}""", ("Idempotency-Key", "order 7"))
            .ProblemAsync(400, "invalid");

        Assert.Empty(_engine.Calls);
    }

    [Fact]
    public async Task An_idempotency_key_is_not_used_for_two_jobs()
    {
        _engine.Submit = _ => new Rejection("job-exists", "It exists.");
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.SendAsync(HttpMethod.Post, "/v1/jobs", OneTask, ("Idempotency-Key", "order 7"))
            .ProblemAsync(422, "idempotency-mismatch");
        await host.PostAsync("/v1/jobs", """{"id":"a","tasks":[]}""").ProblemAsync(409, "job-exists");
    }

    [Theory]
    [InlineData("tab\there")]
    [InlineData("ümlaut")]
    public async Task An_idempotency_key_is_printable_ascii(string key)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.SendAsync(HttpMethod.Post, "/v1/jobs", OneTask, ("Idempotency-Key", key))
            .ProblemAsync(400, "invalid");
        await host.SendAsync(HttpMethod.Post, "/v1/jobs", OneTask, ("Idempotency-Key", new string('k', 257)))
            .ProblemAsync(400, "invalid");
    }

    [Theory]
    [InlineData("""{"tasks":[{"kind":"a","dependsOn":["b"]}]}""", 422, "dependency-unknown")]
    [InlineData("""{"tasks":[{"kind":"a","dependsOn":[1]}]}""", 422, "dependency-unknown")]
    [InlineData("""{"tasks":[{"kind":"a","dependsOn":[0]}]}""", 422, "dependency-cycle")]
    [InlineData("""{"tasks":[{"kind":"a","name":"x"},{"kind":"a","name":"x"}]}""", 400, "invalid")]
    [InlineData("""{"tasks":[{"kind":"a b"}]}""", 400, "invalid")]
    [InlineData("""{"tasks":[{"kind":"a","priority":1001}]}""", 400, "invalid")]
    [InlineData("""{"tasks":[{"kind":"a","leaseSeconds":0}]}""", 400, "invalid")]
    [InlineData("""{"tasks":[{"kind":"a","leaseSeconds":-1e300}]}""", 400, "invalid")]
    [InlineData("""{"tasks":[{"kind":"a","retry":{"attemptsMax":0}}]}""", 400, "invalid")]
    [InlineData("""{"tasks":[],"id":"a/b"}""", 400, "invalid")]
    [InlineData("""{"tasks":[],"id":".."}""", 400, "invalid")]
    [InlineData("""{"tasks":[],"id":""}""", 400, "invalid")]
    [InlineData("""{"tasks":[],"labels":{"a":null}}""", 400, "invalid")]
    [InlineData("""{"tasks":[null]}""", 400, "invalid")]
    [InlineData("""{"tasks":[],"policy":{"onDeadLetter":"explode"}}""", 400, "invalid")]
    [InlineData("""{"tasks":[],"policy":{"retry":{"max":1}}}""", 400, "unknown-field")]
    public async Task A_job_that_cannot_be_is_refused_before_the_engine_hears_of_it(
        string body, int status, string code)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.PostAsync("/v1/jobs", body).ProblemAsync(status, code);

        Assert.Empty(_engine.Calls);
    }

    [Fact]
    public async Task Limits_are_those_of_the_options()
    {
        ApiOptions options = new() { Limits = new Limits { PayloadBytesMax = 4, TasksPerJobMax = 1 } };
        await using ApiHost host = await ApiHost.StartAsync(_engine, options);

        await host.PostAsync("/v1/jobs", """{"tasks":[{"kind":"a","payload":1234}]}""").JsonAsync(201);
        await host.PostAsync("/v1/jobs", """{"tasks":[{"kind":"a","payload":12345}]}""")
            .ProblemAsync(422, "limit-exceeded");
        await host.PostAsync("/v1/jobs", """{"tasks":[{"kind":"a"},{"kind":"a"}]}""")
            .ProblemAsync(422, "limit-exceeded");
    }

    [Fact]
    public async Task A_submit_in_chunks_is_opened_filled_and_sealed()
    {
        string digest = new('a', 64);
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement progress = await host.PostAsync(
            "/v1/jobs/a/open", $$"""{"name":"n","digest":"{{digest}}","taskCount":3}""").JsonAsync();
        await host.PostAsync("/v1/jobs/a/tasks?first=2", """{"tasks":[{"kind":"x","dependsOn":[0]}]}""").JsonAsync();
        await host.PostAsync("/v1/jobs/a/seal").JsonAsync();

        Assert.Equal("""{"tasksAdded":3,"isSealed":false}""", progress.GetRawText());
        Assert.Equal(["open a 'n' aaaa of 3", "add 1 at 2 to a", "seal a"], _engine.Calls);
    }

    [Theory]
    [InlineData("/v1/jobs/a/open", """{"digest":"xyz","taskCount":3}""")]
    [InlineData("/v1/jobs/a/open", """{"taskCount":3}""")]
    [InlineData("/v1/jobs/a/tasks", """{"tasks":[]}""")]
    [InlineData("/v1/jobs/a/tasks?first=0", """{"tasks":[{"kind":"x","dependsOn":["name"]}]}""")]
    [InlineData("/v1/jobs/a%20b/seal", null)]
    public async Task A_chunk_that_cannot_be_is_refused(string path, string? body)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.PostAsync(path, body).ProblemAsync(400, "invalid");

        Assert.Empty(_engine.Calls);
    }

    [Fact]
    public async Task A_hundred_thousand_tasks_fit_in_one_call()
    {
        JobSubmission? seen = null;
        _engine.Submit = s => new SubmitReceipt(Some.Job((seen = s).Id.Value), IsNew: true);
        await using ApiHost host = await ApiHost.StartAsync(_engine);
        string payload = $$"""{"text":"{{new string('x', 500)}}"}""";
        string tasks = string.Join(
            ',', Enumerable.Range(0, 100_000).Select(i => $$"""{"kind":"resize","payload":{{payload}}}"""));

        await host.PostAsync("/v1/jobs", $$"""{"tasks":[{{tasks}}]}""").JsonAsync(201);

        Assert.Equal(100_000, seen!.Tasks.Count);
        Assert.All(seen.Tasks, t => Assert.Equal(payload.Length, t.Payload.Length));
    }

    private static async Task<string?> IdOfAsync(ApiHost host, string key, string body = OneTask) =>
        (await host.SendAsync(HttpMethod.Post, "/v1/jobs", body, ("Idempotency-Key", key)).JsonAsync(201))
            .GetProperty("id").GetString();
}
