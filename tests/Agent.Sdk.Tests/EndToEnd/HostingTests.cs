using System.Net;
using System.Text;
using Elasticity.Agent.Sdk.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace Elasticity.Agent.Sdk.Tests.EndToEnd;

/// <summary>Configuring agents, and what goes over the wire.</summary>
public class HostingTests
{
    private static readonly Uri Server = new("http://server/base/");

    [Theory]
    [InlineData(401, "application/problem+json", "unauthorized")]
    [InlineData(404, "text/html", "")]
    public async Task A_server_that_refuses_the_agent_stops_the_host(int status, string type, string code)
    {
        using Scripted server = new(_ => new HttpResponseMessage((HttpStatusCode)status)
        {
            Content = new StringContent(
                $$"""{"type":"/p","title":"No","status":{{status}},"detail":"No.","code":"{{code}}"}""",
                Encoding.UTF8,
                type),
        });
        await using Worker worker = await Worker.StartAsync(Server, a => Handle(a, server));
        await worker.Stopping;
    }

    [Fact]
    public async Task The_key_and_the_base_path_go_with_every_call_and_an_end_closes_the_session()
    {
        TaskCompletionSource polled = new();
        using Scripted server = new(request =>
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/lease", StringComparison.Ordinal))
            {
                polled.TrySetResult();
            }

            return Json(HttpStatusCode.OK, "{\"tasks\":[]}");
        });
        await using (Worker worker = await Worker.StartAsync(
            Server, a => Handle(a, server), o => o.ApiKey = "elk_1"))
        {
            await polled.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await worker.StopAsync();
        }

        Assert.All(server.Requests, r => Assert.StartsWith("/base/v1/agents/agent/sessions/", r.Path));
        Assert.All(server.Requests, r => Assert.Equal("Bearer elk_1", r.Key));
        Assert.Equal("PUT", server.Requests[0].Method);
        Assert.Single(server.Requests, r => r.Method == "DELETE");
    }

    [Fact]
    public async Task An_answer_that_cannot_be_read_counts_as_none_and_is_asked_for_again()
    {
        int calls = 0;
        TaskCompletionSource again = new();
        using Scripted server = new(request =>
        {
            if (request.Method == HttpMethod.Post && ++calls > 2)
            {
                again.TrySetResult();
            }

            return Json(HttpStatusCode.OK, "{ this is not JSON");
        });
        await using Worker worker = await Worker.StartAsync(Server, a => Handle(a, server));
        await again.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Options_that_cannot_be_meant_are_refused_at_the_start_each_with_its_name()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddElasticityAgent(o =>
        {
            o.AgentId = "a/b";
            o.Slots = 0;
            o.LongPoll = TimeSpan.FromHours(1);
        });
        using IHost host = builder.Build();
        OptionsValidationException refused =
            await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        foreach (string name in (string[])["Server", "AgentId", "Slots", "LongPoll", "AddHandler"])
        {
            Assert.Contains(refused.Failures, f => f.Contains(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_kind_has_one_handler_a_name_one_agent_and_a_handler_class_one_interface()
    {
        ServiceCollection services = new();
        AgentBuilder agent = services.AddElasticityAgent().AddHandler<int>("a", (_, _, _) => Task.CompletedTask);

        Assert.Throws<ArgumentException>(() => agent.AddHandler<int>("a", (_, _, _) => Task.CompletedTask));
        Assert.Throws<ArgumentException>(() => agent.AddHandler<int>("a b", (_, _, _) => Task.CompletedTask));
        Assert.Throws<ArgumentException>(() => agent.AddHandler<object>("b"));
        Assert.Throws<ArgumentException>(() => services.AddElasticityAgent());
        Assert.Equal("other", services.AddElasticityAgent("other").Name);
    }

    [Fact]
    public void The_default_id_is_a_valid_one() =>
        Assert.Matches("^[A-Za-z0-9._-]{1,128}$", new AgentOptions().AgentId);

    private static void Handle(AgentBuilder agent, Scripted server) => agent
        .AddHandler<int>("count", (_, _, _) => Task.CompletedTask)
        .ConfigureHttpClients(c => c.ConfigurePrimaryHttpMessageHandler(() => new Unowned(server)));

    private static HttpResponseMessage Json(HttpStatusCode status, string json) =>
        new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    private sealed class Scripted(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        public List<(string Method, string Path, string? Key)> Requests { get; } = [];

        public Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request)
        {
            lock (Requests)
            {
                Requests.Add((
                    request.Method.Method,
                    request.RequestUri!.AbsolutePath,
                    request.Headers.Authorization?.ToString()));
                return Task.FromResult(answer(request));
            }
        }

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) => AnswerAsync(request);
    }

    private sealed class Unowned(Scripted server) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) => server.AnswerAsync(request);
    }
}
