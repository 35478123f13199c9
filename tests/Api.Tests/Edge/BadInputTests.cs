using System.Net.Http.Headers;
using System.Text;
using Elasticity.Api.Tests.Support;
using Elasticity.Contracts;
using Elasticity.Engine;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Api.Tests.Edge;

/// <summary>Whatever comes in, the answer is a problem with a stable code, and never a defect.</summary>
public class BadInputTests
{
    private readonly FakeElasticity _engine = new();

    [Theory]
    [InlineData("", "bad-json")]
    [InlineData("{", "bad-json")]
    [InlineData("{'tasks':[]}", "bad-json")]
    [InlineData("""{"tasks":[],}""", "bad-json")]
    [InlineData("""{"tasks":[]} x""", "bad-json")]
    [InlineData("""{"tasks":[]}{"tasks":[]}""", "bad-json")]
    [InlineData("""/* hello */ {"tasks":[]}""", "bad-json")]
    [InlineData("""{"tasks":[NaN]}""", "bad-json")]
    [InlineData("{\"name\":\"a\0b\",\"tasks\":[]}", "bad-json")]
    [InlineData("\ufeff{\"tasks\":[]}", "bad-json")]
    [InlineData("""{"tasks":[],"tasks":[]}""", "bad-json")]
    [InlineData("""{"tasks":[{"kind":"a","kind":"b"}]}""", "bad-json")]
    [InlineData("null", "invalid")]
    [InlineData("[]", "invalid")]
    [InlineData("7", "invalid")]
    [InlineData("{}", "invalid")]
    [InlineData("""{"tasks":{}}""", "invalid")]
    [InlineData("""{"tasks":[7]}""", "invalid")]
    [InlineData("""{"tasks":[{"kind":7}]}""", "invalid")]
    [InlineData("""{"tasks":[{"kind":"a","priority":1e9999}]}""", "invalid")]
    [InlineData("""{"tasks":[{"kind":"a","priority":-9999999999999999999999999}]}""", "invalid")]
    [InlineData("""{"tasks":[{"kind":"a","leaseSeconds":1e9999}]}""", "invalid")]
    [InlineData("""{"tasks":[{"kind":"a","notBefore":"0001-01-01T00:00:00+14:00"}]}""", "invalid")]
    [InlineData("""{"tasks":[{"kind":"a","notBefore":"9999-12-31T23:59:59-14:00"}]}""", "invalid")]
    [InlineData("""{"tasks":[{"kind":"a","notBefore":20260131}]}""", "invalid")]
    [InlineData("""{"tasks":[{"kind":"\ud800"}]}""", "invalid")]
    [InlineData("""{"tasks":[{"kind":"a","name":"\u0000"}]}""", "invalid")]
    [InlineData("""{"labels":{"\ud800":"x"},"tasks":[]}""", "invalid")]
    [InlineData("""{"tasks":[],"\u0000":1}""", "unknown-field")]
    [InlineData("""{"tasks":[],"colour":"red"}""", "unknown-field")]
    [InlineData("""{"colour":"red"}""", "unknown-field")]
    [InlineData("""{"tasks":[],"colour":{"tasks":[]}}""", "unknown-field")]
    public async Task A_body_that_does_not_fit_is_refused(string body, string code)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.PostAsync("/v1/jobs", body).ProblemAsync(400, code);

        Assert.Empty(_engine.Calls);
    }

    [Theory]
    [InlineData("""{"tasks":[{"kind":"a","colour":1}]}""", "Nobody knows the member at $.tasks[0].colour, line 1.")]
    [InlineData("""{"tasks":[{}]}""", "These members are missing: 'kind' at $.tasks[0], line 1.")]
    [InlineData("{\n\"tasks\":7}", "The value is of the wrong type at $.tasks, line 2.")]
    [InlineData("""{"tasks":null}""", "The value must not be null at $.tasks, line 1.")]
    [InlineData("""{"id":"a","id":"b","tasks":[]}""", "A member is given twice at $.id, line 1.")]
    public async Task The_place_is_named_and_no_type_of_the_program(string body, string detail)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        ProblemDocument problem = await host.PostAsync("/v1/jobs", body).ProblemAsync(
            400, body.Contains("colour") ? "unknown-field" : body.Contains("\"b\"") ? "bad-json" : "invalid");

        Assert.Equal(detail, problem.Detail);
    }

    [Fact]
    public async Task Json_may_be_nested_as_deeply_as_is_documented()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.PostAsync("/v1/jobs", Nested(61)).JsonAsync(201); // With the body, the list and the task: 64.
        await host.PostAsync("/v1/jobs", Nested(62)).ProblemAsync(400, "bad-json");
        await host.PostAsync("/v1/jobs", Nested(1_000_000)).ProblemAsync(400, "bad-json");
    }

    [Fact]
    public async Task What_is_not_utf8_is_not_json()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);
        byte[] body = Encoding.UTF8.GetBytes("""{"tasks":[{"kind":"a","payload":"x"}]}""");
        body[Array.IndexOf(body, (byte)'x')] = 0xff;

        await PostAsync(host, body).ProblemAsync(400, "bad-json");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("nonsense")]
    public async Task The_body_says_that_it_is_json(string? contentType)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        ProblemDocument problem = await PostAsync(host, """{"tasks":[]}"""u8.ToArray(), contentType)
            .ProblemAsync(415, "unsupported-media-type");

        Assert.Contains("application/json", problem.Detail);
        Assert.Contains($"'{contentType}'", problem.Detail);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("Application/JSON")]
    public async Task Json_may_be_said_in_these_ways(string contentType)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await PostAsync(host, """{"tasks":[]}"""u8.ToArray(), contentType).JsonAsync(201);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_has_a_limit_whether_or_not_it_says_its_length(bool isLengthSaid)
    {
        ApiOptions options = new() { SubmitBytesMax = 100, BodyBytesMax = 50 };
        await using ApiHost host = await ApiHost.StartAsync(_engine, options);
        byte[] Padded(string json, int length) => Encoding.UTF8.GetBytes(json.PadRight(length));

        await PostAsync(host, Padded("""{"tasks":[]}""", 100), isLengthSaid: isLengthSaid).JsonAsync(201);
        await PostAsync(host, Padded("""{"tasks":[]}""", 101), isLengthSaid: isLengthSaid)
            .ProblemAsync(413, "body-too-large");

        const string Heartbeat = "/v1/agents/a/sessions/s/heartbeat";
        await PostAsync(host, Padded("""{"leases":[]}""", 50), path: Heartbeat, isLengthSaid: isLengthSaid).JsonAsync();
        await PostAsync(host, Padded("""{"leases":[]}""", 51), path: Heartbeat, isLengthSaid: isLengthSaid)
            .ProblemAsync(413, "body-too-large");
    }

    [Fact]
    public async Task A_body_that_is_shorter_than_it_says_is_refused()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/jobs")
        {
            Content = new StreamContent(new MemoryStream("""{"tasks":[]}"""u8.ToArray())),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        request.Content.Headers.ContentLength = 1_000;

        await host.Client.SendAsync(request).ProblemAsync(400, "bad-request");
    }

    [Fact]
    public async Task A_path_that_does_not_exist_is_a_problem_too()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync("/").ProblemAsync(404, "not-found");
        await host.GetAsync("/v1").ProblemAsync(404, "not-found");
        await host.GetAsync("/v2/jobs").ProblemAsync(404, "not-found");
        await host.GetAsync("/v1/jobs/a/b").ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_method_that_does_not_exist_is_a_problem_too()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Delete, "/v1/jobs");
        Assert.Equal(["GET", "HEAD", "POST"], response.Content.Headers.Allow.Order());
        await host.SendAsync(HttpMethod.Delete, "/v1/jobs").ProblemAsync(405, "method-not-allowed");
        await host.PostAsync("/v1/queues").ProblemAsync(405, "method-not-allowed");
    }

    [Theory]
    [InlineData("/v1/queues", 200)]
    [InlineData("/v1/jobs", 200)]
    [InlineData("/healthz", 200)]
    [InlineData("/metrics", 200)]
    [InlineData("/v1/jobs/a?unheard=of", 400)]
    [InlineData("/v1/nowhere", 404)]
    public async Task Head_is_answered_like_get(string path, int status)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);
        using HttpResponseMessage get = await host.GetAsync(path);
        using HttpResponseMessage head = await host.SendAsync(HttpMethod.Head, path);

        Assert.Equal(status, (int)head.StatusCode);
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
    }

    [Fact]
    public async Task A_compressed_body_is_refused_not_misread()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);
        using ByteArrayContent content = new("""{"tasks":[]}"""u8.ToArray())
        {
            Headers = { ContentType = new("application/json"), ContentEncoding = { "gzip" } },
        };

        ProblemDocument problem = await host.Client.PostAsync("/v1/jobs", content)
            .ProblemAsync(415, "unsupported-media-type");

        Assert.Contains("'gzip'", problem.Detail);
    }

    [Theory]
    [InlineData("engine-starting", 503, 1)]
    [InlineData("engine-standby", 503, 5)]
    [InlineData("engine-stopping", 503, 5)]
    [InlineData("engine-overloaded", 429, 1)]
    [InlineData("engine-of-tomorrow", 503, 5)]
    [InlineData("store-full", 503, 30)]
    [InlineData("store-of-tomorrow", 503, 5)]
    public async Task An_engine_that_does_not_serve_says_when_to_come_again(string code, int status, int seconds)
    {
        _engine.Job = _ => throw new EngineUnavailableException(code, "It does not serve.");
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        using HttpResponseMessage response = await host.GetAsync("/v1/jobs/a");
        Assert.Equal(TimeSpan.FromSeconds(seconds), response.Headers.RetryAfter?.Delta);
        await host.GetAsync("/v1/jobs/a").ProblemAsync(status, code);
    }

    [Fact]
    public async Task A_store_that_fails_has_its_code()
    {
        _engine.Job = _ => throw new EventStoreException("store-corrupt", "It is broken.", isTransient: false);
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync("/v1/jobs/a").ProblemAsync(503, "store-corrupt");
    }

    [Fact]
    public async Task A_rejection_of_tomorrow_is_a_problem_too()
    {
        _engine.Job = _ => new Domain.Rejection("too-sunny", "Go out.");
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync("/v1/jobs/a").ProblemAsync(422, "too-sunny");
    }

    [Fact]
    public async Task A_defect_is_answered_without_its_secrets()
    {
        _engine.Job = _ => throw new InvalidOperationException("The password is hunter2.");
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        ProblemDocument problem = await host.GetAsync("/v1/jobs/a").ProblemAsync(500, "internal-error");

        Assert.DoesNotContain("hunter2", problem.Detail);
        Assert.NotNull(problem.TraceId);
    }

    internal static async Task<HttpResponseMessage> PostAsync(
        ApiHost host,
        byte[] body,
        string? contentType = "application/json",
        string path = "/v1/jobs",
        bool isLengthSaid = true)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (contentType is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        if (!isLengthSaid)
        {
            request.Headers.TransferEncodingChunked = true;
            request.Content = new StreamContent(new MemoryStream(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType!);
        }

        return await host.Client.SendAsync(request);
    }

    private static string Nested(int depth) =>
        $$"""{"tasks":[{"kind":"a","payload":{{new string('[', depth)}}{{new string(']', depth)}}}]}""";
}
