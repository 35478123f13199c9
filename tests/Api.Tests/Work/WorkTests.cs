using System.Text.Json;
using Elasticity.Api.Tests.Support;
using Elasticity.Domain;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Xunit;

namespace Elasticity.Api.Tests.Work;

/// <summary>What agents ask for.</summary>
public class WorkTests
{
    private const string Session = "/v1/agents/agent-1/sessions/s-1";

    private readonly FakeElasticity _engine = new();

    [Fact]
    public async Task An_agent_registers_drains_and_leaves()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement agent = await host.SendAsync(
            HttpMethod.Put, Session, """{"kinds":["resize","crop"],"slots":2}""").JsonAsync();
        await host.PostAsync(Session + "/drain").JsonAsync();
        await host.SendAsync(HttpMethod.Delete, Session).JsonAsync();

        Assert.Equal(
            ["register agent-1 s-1 resize+crop x2", "drain agent-1 s-1", "close agent-1 s-1"], _engine.Calls);
        Assert.Equal(
            """
            {"id":"agent-1","session":"s-1","state":"live","kinds":["resize"],"slots":2,"labels":{},"isInProcess":false,
            "registeredAt":"2026-01-31T12:00:00Z","seenSecondsAgo":1.5,"leaseCount":1}
            """.ReplaceLineEndings(string.Empty),
            agent.GetRawText());
    }

    [Fact]
    public async Task Tasks_are_leased_with_their_payload_byte_for_byte()
    {
        LeaseRequest? seen = null;
        _engine.Lease = (request, _) =>
        {
            seen = request;
            return ValueTask.FromResult<Reply<LeaseGrant>>(new LeaseGrant([Some.Leased(4)]));
        };
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement leased = await host.PostAsync(
            Session + "/lease", """{"requestId":"r-1","max":10,"waitSeconds":2.5,"kinds":["resize"]}""").JsonAsync();

        Assert.Equal(
            """
            {"tasks":[{"job":"job-1","index":4,"kind":"resize","payload":{ "n" : 4 },"run":1,"attempt":1,"token":7,
            "leaseSeconds":30}]}
            """.ReplaceLineEndings(string.Empty),
            leased.GetRawText());
        Assert.Equal(("r-1", 10, TimeSpan.FromSeconds(2.5)), (seen!.RequestId, seen.Max, seen.Wait));
        Assert.Equal(["resize"], seen.Kinds.ToArray());
        Assert.Equal(("agent-1", "s-1"), (seen.Agent.Value, seen.Session.Value));
    }

    [Fact]
    public async Task A_long_poll_ends_when_the_server_stops()
    {
        TaskCompletionSource asked = new();
        _engine.Lease = async (_, cancellationToken) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return LeaseGrant.Nothing;
        };
        await using ApiHost host = await ApiHost.StartAsync(_engine, new ApiOptions());

        Task<HttpResponseMessage> poll = host.PostAsync(
            Session + "/lease", """{"requestId":"r-1","max":10,"waitSeconds":60}""");
        await asked.Task;
        Task stopped = host.StopAsync();

        await poll.ProblemAsync(503, "engine-stopping");
        await stopped;
    }

    [Fact]
    public async Task A_long_poll_ends_when_the_agent_goes()
    {
        TaskCompletionSource asked = new();
        TaskCompletionSource cancelled = new();
        _engine.Lease = async (_, cancellationToken) =>
        {
            using CancellationTokenRegistration on = cancellationToken.Register(() => cancelled.SetResult());
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return LeaseGrant.Nothing;
        };
        await using ApiHost host = await ApiHost.StartAsync(_engine);
        using CancellationTokenSource gone = new();

        Task<HttpResponseMessage> poll = host.Client.PostAsync(
            Session + "/lease",
            new StringContent(
                """{"requestId":"r-1","max":10,"waitSeconds":60}""", null, "application/json"),
            gone.Token);
        await asked.Task;
        await gone.CancelAsync();

        await cancelled.Task;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
    }

    [Fact]
    public async Task A_heartbeat_names_only_what_was_not_simply_extended()
    {
        _engine.Heartbeat = _ => new HeartbeatAnswer(
            [LeaseAnswer.Renewed, LeaseAnswer.CancelRequested, LeaseAnswer.Lost], IsDraining: true);
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement answer = await host.PostAsync(Session + "/heartbeat", """
            {"leases":[
              {"job":"a","index":0,"token":1,"progress":"half"},
              {"job":"a","index":1,"token":2},
              {"job":"a","index":2,"token":3}
            ]}
            """).JsonAsync();

        Assert.Equal(
            """
            {"renewed":2,"cancelRequested":[{"job":"a","index":1,"token":2}],
            "lost":[{"job":"a","index":2,"token":3}],"isDraining":true}
            """.ReplaceLineEndings(string.Empty),
            answer.GetRawText());
    }

    [Fact]
    public async Task Results_are_settled_and_refusals_are_named()
    {
        SettleRequest? seen = null;
        _engine.Settle = request =>
        {
            seen = request;
            return new SettleAnswer(
                [null, new Rejection("lease-lost", "Token 2 is old."), null], [Some.Leased(9)], null);
        };
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement answer = await host.PostAsync(Session + "/settle", """
            {
              "results": [
                { "job": "a", "index": 0, "token": 1, "outcome": "succeeded", "result": { "x" : 1 } },
                {
                  "job": "a", "index": 1, "token": 2, "outcome": "failed",
                  "failure": { "code": "exit-code", "message": "1", "isFinal": true }
                },
                { "job": "a", "index": 2, "token": 3, "outcome": "given-back" }
              ],
              "lease": { "requestId": "r-2", "max": 5 }
            }
            """).JsonAsync();

        Assert.Equal(
            [
                new Settlement.Succeeded(Payload.FromJson("""{ "x" : 1 }""")),
                new Settlement.Failed(new Failure("exit-code", "1", IsFinal: true), Payload.None),
                new Settlement.GivenBack(),
            ],
            seen!.Results.Select(r => r.Settlement));
        Assert.Equal(("r-2", 5), (seen.Lease!.RequestId, seen.Lease.Max));
        Assert.Equal(2, answer.GetProperty("recorded").GetInt32());
        Assert.Equal(
            """[{"position":1,"code":"lease-lost","detail":"Token 2 is old."}]""",
            answer.GetProperty("refused").GetRawText());
        Assert.Equal(9, answer.GetProperty("tasks")[0].GetProperty("index").GetInt32());
        Assert.False(answer.TryGetProperty("leaseRejection", out _));
    }

    [Fact]
    public async Task Results_count_even_when_the_lease_request_is_refused()
    {
        _engine.Settle = _ => new SettleAnswer([], [], new Rejection("agent-draining", "It drains."));
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement answer = await host.PostAsync(Session + "/settle", """{"results":[]}""").JsonAsync();

        Assert.Equal(
            """
            {"recorded":0,"refused":[],"tasks":[],
            "leaseRejection":{"code":"agent-draining","detail":"It drains."}}
            """.ReplaceLineEndings(string.Empty),
            answer.GetRawText());
    }

    [Theory]
    [InlineData("/lease", """{"requestId":"","max":1}""")]
    [InlineData("/lease", """{"requestId":"a b","max":1}""")]
    [InlineData("/lease", """{"max":1}""")]
    [InlineData("/lease", """{"requestId":"a","max":1,"kinds":[null]}""")]
    [InlineData("/heartbeat", """{"leases":[null]}""")]
    [InlineData("/heartbeat", """{"leases":[{"job":"a/b","index":0,"token":1}]}""")]
    [InlineData("/settle", """{"results":[null]}""")]
    [InlineData("/settle", """{"results":[{"job":"","index":0,"token":1,"outcome":"succeeded"}]}""")]
    [InlineData("/settle", """{"results":[{"job":"a","index":0,"token":1,"outcome":"perfect"}]}""")]
    [InlineData("/settle", """{"results":[{"job":"a","index":0,"token":1,"outcome":"failed"}]}""")]
    [InlineData("/settle", """{"results":[{"job":"a","index":0,"token":1,"outcome":"given-back","result":1}]}""")]
    [InlineData(
        "/settle",
        """
        {"results":[{"job":"a","index":0,"token":1,"outcome":"succeeded","failure":{"code":"a","message":"b"}}]}
        """)]
    [InlineData(
        "/settle",
        """{"results":[{"job":"a","index":0,"token":1,"outcome":"failed","failure":{"code":"","message":"b"}}]}""")]
    public async Task What_an_agent_cannot_mean_is_refused(string path, string body)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.PostAsync(Session + path, body).ProblemAsync(400, "invalid");

        Assert.Empty(_engine.Calls);
    }

    [Fact]
    public async Task A_session_that_is_over_is_told_so()
    {
        _engine.Agent = (_, _) => new Rejection("agent-superseded", "It registered again.");
        _engine.Lease = (_, _) => ValueTask.FromResult<Reply<LeaseGrant>>(
            new Rejection("session-unknown", "There is no such session."));
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.PostAsync(Session + "/drain").ProblemAsync(409, "agent-superseded");
        await host.PostAsync(Session + "/lease", """{"requestId":"r","max":1}""")
            .ProblemAsync(404, "session-unknown");
    }

    [Fact]
    public async Task Ids_in_paths_are_checked()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.PostAsync("/v1/agents/a%20b/sessions/s/drain").ProblemAsync(400, "invalid");
        await host.PostAsync("/v1/agents/a/sessions/s%0A/drain").ProblemAsync(400, "invalid");
        await host.PostAsync($"/v1/agents/{new string('a', 129)}/sessions/s/drain").ProblemAsync(400, "invalid");
    }
}
