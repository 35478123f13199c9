using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Elasticity.Api.Tests.Support;
using Elasticity.Engine.Embedded;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Api.Tests;

/// <summary>The API over the real engine.</summary>
public sealed class EmbeddedEngineTests : IAsyncLifetime
{
    private const string Session = "/v1/agents/agent-1/sessions/s-1";

    private readonly InMemoryEventStore _store = new();
    private EmbeddedEngine _engine = null!;
    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _engine = await EmbeddedEngine.StartAsync(_store);
        _host = await ApiHost.StartAsync(_engine);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _engine.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_job_goes_through_its_life()
    {
        await SubmitAsync("""
            {
              "id": "album", "name": "Summer",
              "tasks": [
                { "kind": "resize", "name": "one", "payload": { "file" : "1.jpg" } },
                { "kind": "zip", "dependsOn": ["one"] }
              ]
            }
            """);
        await RegisterAsync("resize", "zip");
        Assert.Equal("blocked", await StateOfTaskAsync("album", 1));

        JsonElement one = await LeaseOneAsync("r-1");
        Assert.Equal("""{ "file" : "1.jpg" }""", one.GetProperty("payload").GetRawText());
        Assert.Equal("leased", await StateOfTaskAsync("album", 0));
        JsonElement again = await LeaseOneAsync("r-1");
        Assert.Equal(one.GetProperty("token").GetInt64(), again.GetProperty("token").GetInt64());

        JsonElement beat = await _host.PostAsync(
            Session + "/heartbeat",
            """
            {"leases":[
              {"job":"album","index":0,"token":1,"progress":"half"},
              {"job":"album","index":0,"token":9}
            ]}
            """)
            .JsonAsync();
        Assert.Equal(1, beat.GetProperty("renewed").GetInt32());
        Assert.Equal(9, beat.GetProperty("lost")[0].GetProperty("token").GetInt64());
        Assert.Equal(
            "half", (await _host.GetAsync("/v1/jobs/album/tasks/0").JsonAsync()).GetProperty("progress").GetString());

        JsonElement settled = await SettleAsync(
            """{"job":"album","index":0,"token":1,"outcome":"succeeded","result":{ "bytes" : 7 }}""",
            """{"requestId":"r-2","max":1}""");
        Assert.Equal(1, settled.GetProperty("recorded").GetInt32());
        Assert.Equal(1, settled.GetProperty("tasks")[0].GetProperty("index").GetInt32());
        await SettleAsync("""{"job":"album","index":1,"token":1,"outcome":"succeeded"}""");

        JsonElement job = await _host.GetAsync("/v1/jobs/album").JsonAsync();
        Assert.Equal("succeeded", job.GetProperty("state").GetString());
        Assert.Equal("""{ "bytes" : 7 }""", await TextAsync("/v1/jobs/album/tasks/0/result"));
        await _host.GetAsync("/v1/jobs/album/tasks/1/result").ProblemAsync(404, "no-content");
    }

    [Fact]
    public async Task An_earlier_version_shows_the_state_as_it_was()
    {
        await RunOneAsync("a");
        long now = (await _host.GetAsync("/v1/jobs/a").JsonAsync()).GetProperty("version").GetInt64();

        JsonElement opened = await _host.GetAsync("/v1/jobs/a?version=1").JsonAsync();
        JsonElement latest = await _host.GetAsync($"/v1/jobs/a?version={now}").JsonAsync();
        JsonElement leased = await _host.GetAsync("/v1/jobs/a/tasks/0?version=1").JsonAsync();
        JsonElement ended = await _host.GetAsync("/v1/jobs/a/tasks/0?version=2").JsonAsync();

        Assert.Equal("opening", opened.GetProperty("state").GetString());
        Assert.Equal("succeeded", latest.GetProperty("state").GetString());
        Assert.Equal("leased", leased.GetProperty("state").GetString());
        Assert.Equal("succeeded", ended.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Histories_and_the_log_tell_the_same()
    {
        await RunOneAsync("a");

        string[] job = await TypesAsync("/v1/jobs/a/history", "items");
        string[] task = await TypesAsync("/v1/jobs/a/tasks/0/history", "items");
        string[] agent = await TypesAsync("/v1/agents/agent-1/history", "items");
        string[] log = await TypesAsync("/v1/log", "events");

        Assert.Equal(["task-leased-1", "task-succeeded-1"], task);
        Assert.Equal("job-opened-1", job[0]);
        Assert.Equal(["agent-registered-1"], agent);
        Assert.Equal(job.Concat(task).Concat(agent).Order(), log.Order());
        Assert.Empty(await TypesAsync("/v1/jobs/a/history?cursor=1000", "items"));
    }

    [Fact]
    public async Task A_watch_ends_with_the_job_and_the_log_goes_on_where_it_broke_off()
    {
        await SubmitAsync("""{"id":"a","tasks":[{"kind":"resize"}]}""");
        Task<List<SseItem<string>>> watching = ReadAllAsync("/v1/jobs/a/watch");
        JsonElement before = await _host.GetAsync("/v1/log").JsonAsync();

        await FinishOneAsync("a");

        List<SseItem<string>> seen = await watching;
        Assert.Equal("succeeded", JsonElement.Parse(seen[^1].Data).GetProperty("state").GetString());
        Assert.Equal(seen.Count, seen.DistinctBy(e => e.EventId).Count());

        using HttpResponseMessage stream = await _host.SendAsync(
            HttpMethod.Get,
            "/v1/log",
            null,
            ("Accept", "text/event-stream"),
            ("Last-Event-ID", before.GetProperty("next").GetString()!));
        await using IAsyncEnumerator<SseItem<string>> events =
            SseParser.Create(await stream.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(
            "agent-registered-1",
            JsonElement.Parse(events.Current.Data).GetProperty("events")[0].GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_retry_is_the_same_job()
    {
        (string, string) key = ("Idempotency-Key", "order 7");
        const string Body = """{"tasks":[{"kind":"resize"}]}""";

        JsonElement first = await _host.SendAsync(HttpMethod.Post, "/v1/jobs", Body, key).JsonAsync(201);
        JsonElement again = await _host.SendAsync(HttpMethod.Post, "/v1/jobs", Body, key).JsonAsync();

        Assert.Equal(first.GetProperty("id").GetString(), again.GetProperty("id").GetString());
        await _host.SendAsync(HttpMethod.Post, "/v1/jobs", """{"tasks":[{"kind":"crop"}]}""", key)
            .ProblemAsync(422, "idempotency-mismatch");
        await SubmitAsync("""{"id":"a","tasks":[]}""");
        await _host.PostAsync("/v1/jobs", """{"id":"a","tasks":[{"kind":"crop"}]}""").ProblemAsync(409, "job-exists");
    }

    [Fact]
    public async Task A_task_fails_is_dead_lettered_and_redriven()
    {
        await SubmitAsync("""{"id":"a","tasks":[{"kind":"resize"}]}""");
        await RegisterAsync("resize");
        await LeaseOneAsync("r-1");
        await SettleAsync(
            """
            {
              "job": "a", "index": 0, "token": 1, "outcome": "failed",
              "failure": { "code": "no-such-file", "message": "1.jpg", "isFinal": true }
            }
            """);

        JsonElement task = await _host.GetAsync("/v1/jobs/a/tasks/0").JsonAsync();
        Assert.Equal("dead-lettered", task.GetProperty("state").GetString());
        Assert.Equal("final-failure", task.GetProperty("reason").GetString());
        Assert.Equal("no-such-file", task.GetProperty("failure").GetProperty("code").GetString());
        JsonElement late = await SettleAsync("""{"job":"a","index":0,"token":1,"outcome":"succeeded"}""");
        Assert.Equal("lease-lost", late.GetProperty("refused")[0].GetProperty("code").GetString());

        await _host.PostAsync("/v1/jobs/a/redrive").JsonAsync();
        await _host.PostAsync("/v1/jobs/a/tasks/0/redrive").ProblemAsync(409, "task-state");
        JsonElement second = await LeaseOneAsync("r-2");
        Assert.Equal(2, second.GetProperty("run").GetInt32());
    }

    [Fact]
    public async Task A_job_is_paused_resumed_cancelled_and_trimmed()
    {
        await SubmitAsync("""{"id":"a","tasks":[{"kind":"resize"}]}""");

        Assert.True((await _host.PostAsync("/v1/jobs/a/pause").JsonAsync()).GetProperty("isPaused").GetBoolean());
        Assert.False((await _host.PostAsync("/v1/jobs/a/resume").JsonAsync()).GetProperty("isPaused").GetBoolean());
        await _host.PostAsync("/v1/jobs/a/trim").ProblemAsync(409, "job-state");
        await _host.PostAsync("/v1/jobs/a/cancel").JsonAsync();
        await Wait.UntilAsync(async () => (await _host.GetAsync("/v1/jobs/a").JsonAsync())
            .GetProperty("state").GetString() == "cancelled");
        await _host.PostAsync("/v1/jobs/a/pause").ProblemAsync(409, "job-state");
        await _host.PostAsync("/v1/jobs/a/trim").JsonAsync();
    }

    [Fact]
    public async Task Lists_and_findings_show_what_there_is()
    {
        await SubmitAsync("""{"id":"a","name":"Summer","tasks":[{"kind":"resize"},{"kind":"resize"}]}""");
        await SubmitAsync("""{"id":"b","tasks":[]}""");

        JsonElement first = await _host.GetAsync("/v1/jobs?limit=1").JsonAsync();
        JsonElement second = await _host.GetAsync("/v1/jobs?limit=1&cursor=" + first.GetProperty("next")).JsonAsync();
        Assert.Equal(
            ["a", "b"],
            new[] { first, second }.Select(p => p.GetProperty("items")[0].GetProperty("id").GetString()).Order());
        JsonElement found = await _host.GetAsync("/v1/jobs?search=summer&state=open").JsonAsync();
        Assert.Equal(1, found.GetProperty("items").GetArrayLength());
        JsonElement tasks = await _host.GetAsync("/v1/jobs/a/tasks?limit=1&state=ready").JsonAsync();
        Assert.Equal(1, tasks.GetProperty("items").GetArrayLength());
        JsonElement queues = await _host.GetAsync("/v1/queues").JsonAsync();
        Assert.Equal(2, queues.GetProperty("items")[0].GetProperty("ready").GetInt32());

        await RegisterAsync("crop");
        JsonElement agents = await _host.GetAsync("/v1/agents").JsonAsync();
        Assert.Equal("agent-1", agents.GetProperty("items")[0].GetProperty("id").GetString());
        await _host.GetAsync("/readyz").JsonAsync();
        await _host.GetAsync("/v1/doctor").JsonAsync();
    }

    [Theory]
    [InlineData("/v1/jobs/nobody", "job-unknown")]
    [InlineData("/v1/jobs/nobody?version=1", "job-unknown")]
    [InlineData("/v1/jobs/nobody/tasks", "job-unknown")]
    [InlineData("/v1/jobs/nobody/tasks/0", "job-unknown")]
    [InlineData("/v1/jobs/nobody/history", "job-unknown")]
    [InlineData("/v1/jobs/nobody/watch", "job-unknown")]
    [InlineData("/v1/jobs/a/tasks/1", "task-unknown")]
    [InlineData("/v1/jobs/a/tasks/-1", "task-unknown")]
    [InlineData("/v1/jobs/a/tasks/1/result", "task-unknown")]
    [InlineData("/v1/jobs/a/tasks/1/history", "task-unknown")]
    [InlineData("/v1/agents/nobody/history", "agent-unknown")]
    public async Task What_is_not_there_is_not_found(string path, string code)
    {
        await SubmitAsync("""{"id":"a","tasks":[{"kind":"resize"}]}""");

        await _host.GetAsync(path).ProblemAsync(404, code);
    }

    [Theory]
    [InlineData("/v1/jobs?cursor=x")]
    [InlineData("/v1/jobs?cursor=99999999999999999999.a")]
    [InlineData("/v1/jobs/a/tasks?cursor=x")]
    [InlineData("/v1/jobs/a/tasks?cursor=99999999999999999999")]
    [InlineData("/v1/log?cursor=x")]
    [InlineData("/v1/log?cursor=99999999999999999999")]
    public async Task A_cursor_that_is_none_is_refused(string path)
    {
        await SubmitAsync("""{"id":"a","tasks":[{"kind":"resize"}]}""");

        await _host.GetAsync(path).ProblemAsync(400, "invalid");
    }

    [Theory]
    [InlineData("/lease", """{"requestId":"r","max":1}""")]
    [InlineData("/heartbeat", """{"leases":[]}""")]
    [InlineData("/drain", null)]
    public async Task A_session_that_is_not_registered_is_told_so(string path, string? body) =>
        await _host.PostAsync(Session + path, body).ProblemAsync(404, "session-unknown");

    [Theory]
    [InlineData("""{"requestId":"r","max":0}""")]
    [InlineData("""{"requestId":"r","max":1001}""")]
    [InlineData("""{"requestId":"r","max":1,"waitSeconds":-1}""")]
    [InlineData("""{"requestId":"r","max":1,"waitSeconds":61}""")]
    [InlineData("""{"requestId":"r","max":1,"waitSeconds":1e308}""")]
    public async Task A_wish_has_limits(string body)
    {
        await RegisterAsync("resize");

        using HttpResponseMessage response = await _host.PostAsync(Session + "/lease", body);

        Assert.True(response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity);
    }

    private async Task<List<SseItem<string>>> ReadAllAsync(string path)
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, path);
        Stream stream = await response.Content.ReadAsStreamAsync();
        List<SseItem<string>> all = [];
        await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync())
        {
            all.Add(item);
        }

        return all;
    }

    private Task<JsonElement> SubmitAsync(string body) => _host.PostAsync("/v1/jobs", body).JsonAsync(201);

    private async Task RunOneAsync(string job)
    {
        await SubmitAsync($$"""{"id":"{{job}}","tasks":[{"kind":"resize"}]}""");
        await FinishOneAsync(job);
    }

    private async Task FinishOneAsync(string job)
    {
        await RegisterAsync("resize");
        await LeaseOneAsync("r-1");
        await SettleAsync($$"""{"job":"{{job}}","index":0,"token":1,"outcome":"succeeded"}""");
        await Wait.UntilAsync(async () => (await _host.GetAsync($"/v1/jobs/{job}").JsonAsync())
            .GetProperty("state").GetString() == "succeeded");
    }

    private Task<JsonElement> RegisterAsync(params string[] kinds) => _host.SendAsync(
        HttpMethod.Put, Session, $$"""{"kinds":["{{string.Join("\",\"", kinds)}}"]}""").JsonAsync();

    private async Task<JsonElement> LeaseOneAsync(string request) => (await _host.PostAsync(
            Session + "/lease", $$"""{"requestId":"{{request}}","max":1,"waitSeconds":20}""").JsonAsync())
        .GetProperty("tasks")[0];

    private Task<JsonElement> SettleAsync(string result, string lease = "null") => _host.PostAsync(
        Session + "/settle", $$"""{"results":[{{result}}],"lease":{{lease}}}""").JsonAsync();

    private async Task<string?> StateOfTaskAsync(string job, int index) =>
        (await _host.GetAsync($"/v1/jobs/{job}/tasks/{index}").JsonAsync()).GetProperty("state").GetString();

    private async Task<string[]> TypesAsync(string path, string list) =>
    [
        .. (await _host.GetAsync(path).JsonAsync()).GetProperty(list).EnumerateArray()
            .Select(e => e.GetProperty("type").GetString()!),
    ];

    private async Task<string> TextAsync(string path)
    {
        using HttpResponseMessage response = await _host.GetAsync(path);
        return await response.Content.ReadAsStringAsync();
    }
}
