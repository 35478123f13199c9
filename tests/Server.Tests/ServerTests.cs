using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Elasticity.Api;
using Xunit;
using static Elasticity.Server.Tests.Http;

namespace Elasticity.Server.Tests;

/// <summary>A whole server, on a real port and a real disk.</summary>
public sealed class ServerTests : IDisposable
{
    private const string OneTask = """{"id":"job-1","tasks":[{"kind":"resize","payload":{ "n" : 1 }}]}""";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("elasticity-server");

    private ServerOptions Options =>
        new() { Listen = "http://127.0.0.1:0", DataDirectory = Path.Combine(_directory.FullName, "data") };

    [Fact]
    public async Task A_job_runs_from_submit_to_result_and_is_there_after_a_restart()
    {
        await using (ElasticityServer server = await StartAsync(Options))
        {
            using HttpClient client = await ReadyAsync(server);
            await JsonAsync(client.PostAsync("/v1/jobs", Json(OneTask)), 201);
            await JsonAsync(client.PutAsync("/v1/agents/a/sessions/s", Json("""{"kinds":["resize"]}""")));
            JsonElement leased = await JsonAsync(client.PostAsync(
                "/v1/agents/a/sessions/s/lease", Json("""{"requestId":"r","max":10,"waitSeconds":10}""")));
            JsonElement task = leased.GetProperty("tasks")[0];
            Assert.Equal("""{ "n" : 1 }""", task.GetProperty("payload").GetRawText());
            await JsonAsync(client.PostAsync("/v1/agents/a/sessions/s/settle", Json(
                $$"""
                {
                  "results": [
                    {
                      "job": "job-1", "index": 0, "token": {{task.GetProperty("token")}},
                      "outcome": "succeeded", "result": "done"
                    }
                  ]
                }
                """)));
        }

        await using ElasticityServer again = await StartAsync(Options);
        using HttpClient later = await ReadyAsync(again);
        JsonElement job = await JsonAsync(later.GetAsync("/v1/jobs/job-1"));
        Assert.Equal("succeeded", job.GetProperty("state").GetString());
        Assert.Equal("\"done\"", await later.GetStringAsync("/v1/jobs/job-1/tasks/0/result"));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://192.0.2.1:0")]
    public async Task Without_keys_it_listens_to_this_machine_only(string listen)
    {
        ServerStartException refused = await Assert.ThrowsAsync<ServerStartException>(
            () => StartAsync(Options with { Listen = listen }));

        Assert.Equal("listen-refused", refused.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("8080")]
    [InlineData("ftp://127.0.0.1:80")]
    [InlineData("http://example.com:80")]
    [InlineData("http://127.0.0.1:80/path")]
    [InlineData("https://127.0.0.1:0")]
    public async Task An_address_must_make_sense(string listen)
    {
        ServerStartException refused = await Assert.ThrowsAsync<ServerStartException>(
            () => StartAsync(Options with { Listen = listen }));

        Assert.Equal("listen-invalid", refused.Code);
    }

    [Fact]
    public async Task With_keys_in_the_data_directory_it_listens_everywhere()
    {
        Directory.CreateDirectory(Options.DataDirectory);
        (string secret, ApiKey key) = ApiKeys.Create("reader", ApiRoles.Read);
        ApiKeyFile.Write(Options.EffectiveKeysFile, [key]);
        await using ElasticityServer server = await StartAsync(Options with { Listen = "http://*:0" });
        int port = new Uri(server.Addresses[0].Replace("[::]", "localhost")).Port;
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        using HttpResponseMessage without = await client.GetAsync("/v1/status");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using HttpResponseMessage with = await client.GetAsync("/v1/status");

        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.Equal(HttpStatusCode.OK, with.StatusCode);
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_stop_the_start()
    {
        Directory.CreateDirectory(Options.DataDirectory);
        await File.WriteAllTextAsync(Options.EffectiveKeysFile, "{");

        ServerStartException refused = await Assert.ThrowsAsync<ServerStartException>(() => StartAsync(Options));

        Assert.Equal("keys-unreadable", refused.Code);
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_is_told_so()
    {
        await using ElasticityServer first = await StartAsync(Options);

        ServerStartException refused = await Assert.ThrowsAsync<ServerStartException>(() => StartAsync(Options));

        Assert.Equal("store-locked", refused.Code);
    }

    [Fact]
    public async Task A_port_in_use_is_told_and_the_data_is_let_go()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();

        ServerStartException refused = await Assert.ThrowsAsync<ServerStartException>(
            () => StartAsync(Options with { Listen = $"http://{taken.LocalEndpoint}" }));

        Assert.Equal("listen-failed", refused.Code);
        await using ElasticityServer server = await StartAsync(Options);
    }

    [Fact]
    public async Task A_stop_ends_long_polls_and_event_streams()
    {
        ElasticityServer server = await StartAsync(Options);
        using HttpClient client = await ReadyAsync(server);
        await JsonAsync(client.PostAsync("/v1/jobs", Json(OneTask)), 201);
        await JsonAsync(client.PutAsync("/v1/agents/a/sessions/s", Json("""{"kinds":["other"]}""")));
        Task<HttpResponseMessage> poll = client.PostAsync(
            "/v1/agents/a/sessions/s/lease", Json("""{"requestId":"r","max":10,"waitSeconds":60}"""));
        await using Stream watch = await client.GetStreamAsync("/v1/jobs/job-1/watch");
        using StreamReader reader = new(watch);
        Assert.Equal("id: 3", await reader.ReadLineAsync());
        await UntilAsync(async () => (await JsonAsync(client.GetAsync("/v1/queues"))).GetProperty("items")
            .EnumerateArray().Any(q => q.GetProperty("waiting").GetInt32() == 1));

        await server.DisposeAsync();

        await JsonAsync(poll, 503);
        Assert.EndsWith("\n\n", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task Nul_in_an_address_is_no_defect()
    {
        await using ElasticityServer server = await StartAsync(Options);
        Uri address = new(server.Addresses[0]);
        using TcpClient tcp = new();
        await tcp.ConnectAsync(address.Host, address.Port);
        await using NetworkStream stream = tcp.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /v1/jobs/a%00b HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n\r\n"));
        using StreamReader reader = new(stream);

        Assert.StartsWith("HTTP/1.1 400", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task A_body_of_the_submit_limit_is_read_and_a_larger_one_is_not()
    {
        ServerOptions options = Options with
        {
            Api = new ApiOptions { BodyBytesMax = 1_000, SubmitBytesMax = 100_000 },
        };
        await using ElasticityServer server = await StartAsync(options);
        using HttpClient client = await ReadyAsync(server);

        await JsonAsync(client.PostAsync("/v1/jobs", Json("""{"tasks":[]}""".PadRight(100_000))), 201);
        await JsonAsync(client.PostAsync("/v1/jobs", Json("""{"tasks":[]}""".PadRight(100_001))), 413);
        await JsonAsync(
            client.PostAsync("/v1/agents/a/sessions/s/heartbeat", Json("""{"leases":[]}""".PadRight(1_001))), 413);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
