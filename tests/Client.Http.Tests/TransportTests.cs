using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Xunit;

namespace Elasticity.Client.Http.Tests;

/// <summary>What becomes of problems, and of silence.</summary>
public sealed class TransportTests : IDisposable
{
    private static readonly JobId Job = new("j");
    private static readonly TimeSpan Blink = TimeSpan.FromMilliseconds(20);

    private readonly Scripted _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_problem_of_the_domain_is_a_rejection()
    {
        _server.Then(404, Problem(404, "job-unknown"));
        Reply<JobSummary> reply = await Client().GetJobAsync(Job, null, default);
        Assert.Equal(new Rejection("job-unknown", "Because."), reply.Rejection);
        Assert.Equal(["GET /v1/jobs/j"], _server.Requests);
    }

    [Theory]
    [InlineData(503, "engine-standby")]
    [InlineData(429, "engine-overloaded")]
    [InlineData(503, "store-full")]
    public async Task A_server_that_cannot_serve_is_asked_again_until_it_can(int status, string code)
    {
        _server.Then(status, Problem(status, code)).Then(status, Problem(status, code)).Then(200, "{\"items\":[]}");
        Assert.Empty(await Client().DiagnoseAsync(default));
        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public async Task When_the_budget_is_spent_the_last_reason_is_told()
    {
        _server.Always(503, Problem(503, "engine-standby"));
        EngineUnavailableException exception = await Assert.ThrowsAsync<EngineUnavailableException>(
            () => Client(TimeSpan.FromMilliseconds(50)).GetJobAsync(Job, null, default).AsTask());
        Assert.Equal(("engine-standby", "Because."), (exception.Code, exception.Message));
        Assert.True(_server.Requests.Count > 1);
    }

    [Theory]
    [InlineData(401, "unauthorized")]
    [InlineData(403, "forbidden")]
    [InlineData(403, "host-not-allowed")]
    [InlineData(404, "not-found")]
    [InlineData(500, "internal-error")]
    public async Task What_trying_again_does_not_help_is_told_at_once(int status, string code)
    {
        _server.Always(status, Problem(status, code));
        EngineUnavailableException exception = await Assert.ThrowsAsync<EngineUnavailableException>(
            () => Client().CancelAsync(Job, default).AsTask());
        Assert.Equal(code, exception.Code);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_unavailable_and_its_status_says_so()
    {
        _server.Breaks();
        HttpElasticity client = Client(TimeSpan.Zero);
        EngineUnavailableException exception = await Assert.ThrowsAsync<EngineUnavailableException>(
            () => client.ListAgentsAsync(default).AsTask());
        Assert.Equal("server-unreachable", exception.Code);
        EngineStatus status = client.GetStatus();
        Assert.Equal(("stopped", false, "server-unreachable"), (status.State, status.IsReady, status.Code));
    }

    [Fact]
    public async Task Something_that_is_no_elasticity_server_is_told_apart()
    {
        _server.Always(404, "<html>", "text/html");
        EngineUnavailableException exception = await Assert.ThrowsAsync<EngineUnavailableException>(
            () => Client().GetJobAsync(Job, null, default).AsTask());
        Assert.Equal("server-unreachable", exception.Code);
    }

    [Fact]
    public async Task An_answer_that_is_not_what_it_should_be_is_no_answer()
    {
        _server.Always(200, "<html>", "text/html");
        await Assert.ThrowsAsync<EngineUnavailableException>(
            () => Client(TimeSpan.Zero).GetJobAsync(Job, null, default).AsTask());
    }

    [Fact]
    public async Task A_caller_who_goes_is_let_go()
    {
        _server.Hangs();
        using CancellationTokenSource gone = new(TimeSpan.FromMilliseconds(20));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Client().GetJobAsync(Job, null, gone.Token).AsTask());
    }

    [Fact]
    public async Task A_server_that_hangs_is_given_up()
    {
        _server.Hangs();
        EngineUnavailableException exception = await Assert.ThrowsAsync<EngineUnavailableException>(
            () => Client(TimeSpan.Zero, TimeSpan.FromMilliseconds(20)).GetJobAsync(Job, null, default).AsTask());
        Assert.Equal("server-unreachable", exception.Code);
    }

    [Fact]
    public async Task The_key_goes_with_every_request_and_a_path_before_the_api_is_kept()
    {
        _server.Always(200, "{\"items\":[]}");
        using HttpClient http = new(_server, disposeHandler: false);
        using HttpElasticity client = new(
            new HttpElasticityOptions { Server = new Uri("http://host/base/"), ApiKey = "elk_1" }, http);
        await client.DiagnoseAsync(default);
        Assert.Equal(["GET /base/v1/doctor"], _server.Requests);
        Assert.Equal(new AuthenticationHeaderValue("Bearer", "elk_1"), _server.Authorization);
    }

    [Fact]
    public async Task When_a_server_cannot_be_used_the_next_one_is_asked_from_then_on()
    {
        _server.Then(503, Problem(503, "engine-stopping")).Then(200, "{\"items\":[]}")
            .Then(200, "{\"items\":[]}").ThenBreaks().Then(200, "{\"items\":[]}");
        using HttpElasticity client = ClientOfTwo();

        await client.DiagnoseAsync(default);
        await client.DiagnoseAsync(default);
        await client.DiagnoseAsync(default);

        Assert.Equal(
            ["/one", "/two", "/two", "/two", "/one"], _server.Requests.Select(r => r["GET ".Length..][..4]));
    }

    [Fact]
    public async Task A_server_that_hangs_for_longer_than_the_budget_does_not_keep_the_next_from_being_asked()
    {
        _server.ThenHangs().Then(200, "{\"items\":[]}");
        using HttpElasticity client = ClientOfTwo(Blink, timeout: Blink);

        await client.DiagnoseAsync(default);

        Assert.Equal(["/one", "/two"], _server.Requests.Select(r => r["GET ".Length..][..4]));
    }

    [Fact]
    public async Task When_every_server_was_asked_and_the_budget_is_spent_a_call_has_failed()
    {
        _server.Hangs();
        using HttpElasticity client = ClientOfTwo(Blink, timeout: Blink);

        await Assert.ThrowsAsync<EngineUnavailableException>(() => client.DiagnoseAsync(default).AsTask());

        Assert.Equal(["/one", "/two"], _server.Requests.Select(r => r["GET ".Length..][..4]));
    }

    [Fact]
    public async Task Whoever_never_tries_again_asks_one_server_only()
    {
        _server.Breaks();
        using HttpElasticity client = ClientOfTwo(TimeSpan.Zero);

        await Assert.ThrowsAsync<EngineUnavailableException>(() => client.DiagnoseAsync(default).AsTask());

        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_server_that_refuses_or_has_too_much_to_do_is_not_left()
    {
        _server.Then(429, Problem(429, "engine-overloaded")).Then(200, "{\"items\":[]}")
            .Then(404, Problem(404, "job-unknown"));
        using HttpElasticity client = ClientOfTwo();

        await client.DiagnoseAsync(default);
        await client.GetJobAsync(Job, null, default);

        Assert.All(_server.Requests, r => Assert.StartsWith("GET /one/", r, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("r-1")]
    [InlineData(null)]
    public async Task A_redrive_whose_answer_was_lost_is_sent_again_as_the_same_request(string? request)
    {
        _server.Then(503, Problem(503, "engine-stopping")).Then(503, Problem(503, "engine-starting"))
            .Then(404, Problem(404, "job-unknown")).Then(404, Problem(404, "job-unknown"));
        HttpElasticity client = Client();

        await client.RedriveAsync(Job, null, request, default);
        await client.RedriveAsync(Job, null, request, default);

        Assert.Equal(4, _server.Keys.Count);
        Assert.Single(_server.Keys[..3].Distinct());
        Assert.Equal(request ?? _server.Keys[0], _server.Keys[0]);
        Assert.Equal(request is not null, _server.Keys[3] == _server.Keys[0]);
        Assert.All(_server.Keys, Assert.NotNull);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a?b#c")]
    public async Task An_id_that_breaks_the_rules_does_not_lead_elsewhere(string id)
    {
        _server.Always(400, Problem(400, "invalid"));
        Assert.Equal("job-unknown", (await Client().CancelAsync(new JobId(id), default)).Rejection!.Code);
        Assert.Empty(_server.Requests);

        JobHeader header = new(string.Empty, JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        await Client().OpenAsync(new JobId(id), header, new string('0', 64), 0, default);
        string path = Assert.Single(_server.Requests);
        Assert.StartsWith("POST /v1/jobs/", path, StringComparison.Ordinal);
        Assert.EndsWith("/open", path, StringComparison.Ordinal);
        Assert.Equal(4, path.Count(c => c == '/'));
    }

    private HttpElasticity Client(TimeSpan? budget = null, TimeSpan? timeout = null) => new(
        new HttpElasticityOptions
        {
            Server = new Uri("http://localhost"),
            RetryBudget = budget ?? TimeSpan.FromSeconds(30),
            BackoffFirst = TimeSpan.FromMilliseconds(1),
            BackoffMax = TimeSpan.FromMilliseconds(5),
            CallTimeout = timeout ?? TimeSpan.FromSeconds(60),
        },
        new HttpClient(_server, disposeHandler: false));

    private HttpElasticity ClientOfTwo(TimeSpan? budget = null, TimeSpan? timeout = null) => new(
        new HttpElasticityOptions
        {
            Server = new Uri("http://a/one"),
            OtherServers = [new Uri("http://b/two")],
            RetryBudget = budget ?? TimeSpan.FromSeconds(10),
            CallTimeout = timeout ?? TimeSpan.FromSeconds(60),
            BackoffFirst = TimeSpan.FromMilliseconds(1),
        },
        new HttpClient(_server, disposeHandler: false));

    private static string Problem(int status, string code) =>
        $$"""{"type":"/problems/{{code}}","title":"No","status":{{status}},"detail":"Because.","code":"{{code}}"}""";

    private sealed class Scripted : HttpMessageHandler
    {
        private readonly Queue<Func<CancellationToken, Task<HttpResponseMessage>>> _script = new();
        private Func<CancellationToken, Task<HttpResponseMessage>>? _always;

        public List<string> Requests { get; } = [];

        public List<string?> Keys { get; } = [];

        public AuthenticationHeaderValue? Authorization { get; private set; }

        public Scripted Then(int status, string body)
        {
            _script.Enqueue(_ => Task.FromResult(Response(status, body, null)));
            return this;
        }

        public Scripted ThenBreaks()
        {
            _script.Enqueue(_ => throw new HttpRequestException("Connection refused."));
            return this;
        }

        public Scripted ThenHangs()
        {
            _script.Enqueue(HangAsync);
            return this;
        }

        public void Always(int status, string body, string? type = null) =>
            _always = _ => Task.FromResult(Response(status, body, type));

        public void Breaks() => _always = _ => throw new HttpRequestException("Connection refused.");

        public void Hangs() => _always = HangAsync;

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add($"{request.Method} {request.RequestUri!.PathAndQuery}");
            Authorization = request.Headers.Authorization;
            Keys.Add(request.Headers.TryGetValues("Idempotency-Key", out var keys) ? keys.Single() : null);
            return (_script.Count > 0 ? _script.Dequeue() : _always!)(cancellationToken);
        }

        private static async Task<HttpResponseMessage> HangAsync(CancellationToken stop)
        {
            await Task.Delay(Timeout.Infinite, stop);
            throw new InvalidOperationException();
        }

        private static HttpResponseMessage Response(int status, string body, string? type) =>
            new((HttpStatusCode)status)
            {
                Content = new StringContent(
                    body,
                    Encoding.UTF8,
                    new MediaTypeHeaderValue(type ?? (status < 300 ? "application/json" : "application/problem+json"))),
            };
    }
}
