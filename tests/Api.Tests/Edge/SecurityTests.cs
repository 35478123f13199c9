using System.Net;
using Elasticity.Api.Tests.Support;
using Elasticity.Contracts;
using Xunit;

namespace Elasticity.Api.Tests.Edge;

/// <summary>Who may do what.</summary>
public class SecurityTests
{
    private const string OneTask = """{"tasks":[{"kind":"resize"}]}""";

    private readonly FakeElasticity _engine = new();

    [Fact]
    public async Task With_keys_nobody_comes_in_without_one()
    {
        (ApiOptions options, string secret) = Keyed(ApiRoles.Read);
        await using ApiHost host = await ApiHost.StartAsync(_engine, options);

        using HttpResponseMessage without = await host.GetAsync("/v1/jobs");
        Assert.Equal("Bearer", without.Headers.WwwAuthenticate.ToString());
        await host.GetAsync("/v1/jobs").ProblemAsync(401, "unauthorized");
        foreach (string header in new[] { "Bearer", "Bearer ", "Bearer elk_wrong", "Basic " + secret, secret, "elk_" })
        {
            await host.SendAsync(HttpMethod.Get, "/v1/jobs", null, ("Authorization", header))
                .ProblemAsync(401, "unauthorized");
        }

        await host.SendAsync(HttpMethod.Get, "/v1/jobs", null, ("Authorization", "Bearer " + secret)).JsonAsync();
        await host.SendAsync(HttpMethod.Get, "/v1/jobs", null, ("Authorization", "bearer " + secret)).JsonAsync();
        Assert.Equal(2, _engine.Calls.Count);
    }

    [Theory]
    [InlineData("GET", "/v1/jobs", ApiRoles.Read)]
    [InlineData("GET", "/v1/jobs/a/tasks/0/result", ApiRoles.Read)]
    [InlineData("GET", "/v1/log", ApiRoles.Read)]
    [InlineData("GET", "/v1/doctor", ApiRoles.Read)]
    [InlineData("GET", "/metrics", ApiRoles.Read)]
    [InlineData("POST", "/v1/jobs", ApiRoles.Submit)]
    [InlineData("POST", "/v1/jobs/a/cancel", ApiRoles.Submit)]
    [InlineData("POST", "/v1/jobs/a/tasks/0/redrive", ApiRoles.Submit)]
    [InlineData("POST", "/v1/jobs/a/erase", ApiRoles.Admin)]
    [InlineData("POST", "/v1/jobs/a/tasks/0/erase", ApiRoles.Admin)]
    [InlineData("POST", "/v1/jobs/a/trim", ApiRoles.Admin)]
    [InlineData("POST", "/v1/agents/a/sessions/s/drain", ApiRoles.Work)]
    [InlineData("DELETE", "/v1/agents/a/sessions/s", ApiRoles.Work)]
    public async Task Each_path_needs_its_role(string method, string path, ApiRoles needed)
    {
        ApiRoles[] roles = [ApiRoles.Read, ApiRoles.Submit, ApiRoles.Work, ApiRoles.Admin];
        (string Secret, ApiKey Key)[] keys = [.. roles.Select(r => ApiKeys.Create(r.ToString(), r))];
        await using ApiHost host = await ApiHost.StartAsync(
            _engine, new ApiOptions { Keys = new ApiKeys(keys.Select(k => k.Key)) });
        foreach ((string secret, ApiRoles role) in keys.Select(k => (k.Secret, k.Key.Roles)))
        {
            using HttpResponseMessage response = await host.SendAsync(
                new HttpMethod(method), path, path == "/v1/jobs" && method == "POST" ? OneTask : null,
                ("Authorization", "Bearer " + secret));
            bool isAllowed = role == needed || role == ApiRoles.Admin;
            Assert.Equal(isAllowed, response.IsSuccessStatusCode);
            Assert.Equal(!isAllowed, response.StatusCode == HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task The_refusal_says_what_is_missing()
    {
        (ApiOptions options, string secret) = Keyed(ApiRoles.Read | ApiRoles.Work);
        await using ApiHost host = await ApiHost.StartAsync(_engine, options);

        ProblemDocument problem = await host
            .SendAsync(HttpMethod.Post, "/v1/jobs", OneTask, ("Authorization", "Bearer " + secret))
            .ProblemAsync(403, "forbidden");

        Assert.Equal("The key 'tester' has the roles read, work; this needs submit.", problem.Detail);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/problems/invalid")]
    public async Task Some_paths_are_for_everybody(string path)
    {
        (ApiOptions options, _) = Keyed(ApiRoles.Read);
        await using ApiHost host = await ApiHost.StartAsync(_engine, options);

        using HttpResponseMessage response = await host.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Two_keys_may_use_the_same_idempotency_key()
    {
        (string oneSecret, ApiKey one) = ApiKeys.Create("one", ApiRoles.Submit);
        (string otherSecret, ApiKey other) = ApiKeys.Create("other", ApiRoles.Submit);
        await using ApiHost host = await ApiHost.StartAsync(
            _engine, new ApiOptions { Keys = new ApiKeys([one, other]) });

        string[] ids = await Task.WhenAll(new[] { oneSecret, otherSecret }.Select(async secret =>
            (await host.SendAsync(
                HttpMethod.Post,
                "/v1/jobs",
                OneTask,
                ("Authorization", "Bearer " + secret),
                ("Idempotency-Key", "1")).JsonAsync(201)).GetProperty("id").GetString()!));

        Assert.NotEqual(ids[0], ids[1]);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("localhost:8080", true)]
    [InlineData("LOCALHOST", true)]
    [InlineData("127.0.0.1:8080", true)]
    [InlineData("[::1]:8080", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.nip.io", false)]
    [InlineData("10.0.0.1", false)]
    public async Task Without_keys_only_localhost_is_answered(string name, bool isAnswered)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        Task<HttpResponseMessage> sent = host.SendAsync(HttpMethod.Get, "/v1/jobs", null, ("Host", name));

        await (isAnswered ? (Task)sent.JsonAsync() : sent.ProblemAsync(403, "host-not-allowed"));
    }

    [Theory]
    [InlineData("http://localhost", true)]
    [InlineData("http://localhost:3000", false)]
    [InlineData("https://localhost", false)]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    public async Task Without_keys_other_pages_are_not_answered(string origin, bool isAnswered)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        Task<HttpResponseMessage> sent = host.SendAsync(
            HttpMethod.Post, "/v1/jobs/a/cancel", null, ("Origin", origin));

        await (isAnswered ? (Task)sent.JsonAsync() : sent.ProblemAsync(403, "host-not-allowed"));
        Assert.Equal(isAnswered ? 1 : 0, _engine.Calls.Count);
    }

    [Fact]
    public async Task With_keys_any_name_is_answered()
    {
        (ApiOptions options, string secret) = Keyed(ApiRoles.Read);
        await using ApiHost host = await ApiHost.StartAsync(_engine, options);

        await host.SendAsync(
            HttpMethod.Get,
            "/v1/jobs",
            null,
            ("Host", "elasticity.example"),
            ("Origin", "https://ui.example"),
            ("Authorization", "Bearer " + secret)).JsonAsync();
    }

    [Fact]
    public async Task Nobody_may_guess_what_an_answer_is()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        foreach (string path in new[] { "/v1/jobs/a", "/v1/nowhere", "/v1/jobs?x=1", "/v1/jobs/a/tasks/0/result" })
        {
            using HttpResponseMessage response = await host.GetAsync(path);
            Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        }
    }

    private static (ApiOptions Options, string Secret) Keyed(ApiRoles roles)
    {
        (string secret, ApiKey key) = ApiKeys.Create("tester", roles);
        return (new ApiOptions { Keys = new ApiKeys([key]) }, secret);
    }
}
