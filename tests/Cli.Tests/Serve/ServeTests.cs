using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Elasticity.Cli.Tests.Support;
using Xunit;

namespace Elasticity.Cli.Tests.Serve;

/// <summary>A server, agents and clients, each a process of its own.</summary>
[Collection(Processes.Name)]
public sealed class ServeTests : IDisposable
{
    private readonly Workplace _here = new();
    private readonly string _address = $"http://127.0.0.1:{FreePort()}";

    public void Dispose() => _here.Dispose();

    [UnixFact]
    public async Task Agents_execute_what_is_submitted_to_a_server()
    {
        await File.WriteAllTextAsync(_here.Of("job.json"), """
            {"id":"j","tasks":[
                {"kind":"greet","name":"a","payload":"it's \"me\" $HOME"},
                {"kind":"greet","payload":{"x": 1},"dependsOn":["a"]},
                {"kind":"exec","payload":{"command":"echo direct"}}]}
            """);
        using Running server = await ServeAsync();
        using Running greeter = _here.Start(
            "agent", "--server", _address, "--kind", "greet", "--id", "greeter", "--exec", "echo hello {}");
        using Running executor = _here.Start("agent", "--server", _address, "--kind", "exec");

        (await AskAsync("submit", "job.json", "--wait")).Exits(0);

        Assert.Contains("hello it's \"me\" $HOME\n", (await AskAsync("show", "j", "0")).Exits(0).Output);
        Assert.Contains("hello {\"x\": 1}\n", (await AskAsync("show", "j", "1")).Exits(0).Output);
        Assert.Contains("\ndirect\n", (await AskAsync("show", "j", "2")).Exits(0).Output);
        Assert.Contains("greeter", (await AskAsync("agents")).Exits(0).Output);
        Assert.Contains("task-succeeded-1", (await AskAsync("events")).Exits(0).Output);
        (await AskAsync("doctor")).Exits(0);
        (await _here.RunAsync("", "jobs", "--data", "data")).Exits(0); // Looking does not need the server.
        foreach (Running process in (Running[])[greeter, executor, server])
        {
            process.Signal("TERM");
            (await process.EndAsync()).Exits(0);
        }

        (await _here.RunAsync("", "verify", "--data", "data")).Exits(0);
    }

    [UnixFact]
    public async Task Agents_outlive_a_server_that_is_killed_and_started_again()
    {
        const int Tasks = 60;
        string tasks = string.Join(',', Enumerable.Range(0, Tasks).Select(i => $$"""{"kind":"k","payload":{{i}}}"""));
        await File.WriteAllTextAsync(_here.Of("job.json"), $$"""{"id":"j","tasks":[{{tasks}}]}""");
        using Running agent = _here.Start(
            "agent", "--server", _address, "--kind", "k", "--slots", "3", "--exec", "echo {} >> ran; sleep 0.05");
        for (int i = 0; i < 3; i++)
        {
            using Running doomed = await ServeAsync();
            (await AskAsync("submit", "job.json")).Exits(0);
            int ran = _here.Lines("ran").Length;
            await Run.RunTests.Until(() => _here.Lines("ran").Length >= Math.Min(ran + 5, Tasks));
            doomed.KillDead();
            await doomed.EndAsync();
        }

        using Running server = await ServeAsync();
        (await AskAsync("watch", "j")).Exits(0);
        agent.Signal("TERM");

        // The agent knows what it executed, and tells the server again: nothing is executed twice.
        (await agent.EndAsync()).Exits(0);
        Assert.Equal(Enumerable.Range(0, Tasks).Select(i => $"{i}").Order(), _here.Lines("ran").Order());
    }

    [UnixFact]
    public async Task A_key_that_will_not_do_is_refused_with_what_it_lacks()
    {
        Outcome added = await _here.RunAsync("", "keys", "add", "ci", "--role", "read", "--data", "data");
        string key = added.Exits(0).Output.Trim();
        using Running server = await ServeAsync();

        (await AskAsync("jobs")).Exits(2).Says("unauthorized");
        (await AskAsync("jobs", "--key", "elk_wrong")).Exits(2).Says("unauthorized");
        (await AskAsync("jobs", "--key", key)).Exits(0);
        Assert.Contains(
            "needs submit", (await AskAsync("cancel", "j", "--key", key)).Exits(2).Says("forbidden").Error);
        Outcome agent = (await AskAsync("agent", "--key", "elk_wrong")).Exits(2).Says("unauthorized");
        Assert.DoesNotContain("   at ", agent.Error + agent.Output); // A sentence, not a stack.
        server.Signal("TERM");
        (await server.EndAsync()).Exits(0);
    }

    [UnixFact]
    public async Task Everything_is_a_JSON_document_a_line_where_JSON_is_wanted()
    {
        string[][] keys =
        [
            ["keys", "add", "ci", "--role", "read", "--role", "work"],
            ["keys", "list"],
            ["keys", "remove", "ci"],
        ];
        foreach (string[] command in keys)
        {
            Outcome outcome = await _here.RunAsync("", [.. command, "--json", "--data", "data"]);
            JsonElement document = Assert.Single(Documents(outcome.Exits(0).Output));
            Assert.Equal("ci", document.GetProperty("name").GetString());
            Assert.Equal(2, document.GetProperty("roles").GetArrayLength());
            Assert.Equal(command[1] == "add", document.TryGetProperty("key", out _));
        }

        using Running server = await ServeAsync("--json");
        using Running agent = _here.Start("agent", "--server", _address, "--id", "me", "--json");
        while (!(await AskAsync("agents")).Exits(0).Output.Contains("me ", StringComparison.Ordinal))
        {
            Assert.False(agent.HasEnded, agent.ErrorSoFar);
        }

        agent.Signal("TERM");
        Outcome agentSaid = (await agent.EndAsync()).Exits(0);
        server.Signal("TERM");
        Outcome serverSaid = (await server.EndAsync()).Exits(0);

        Assert.NotEmpty(Documents(agentSaid.Output));
        Assert.Contains(
            Documents(serverSaid.Output),
            d => d.TryGetProperty("listening", out JsonElement at) && at.GetString() == _address);
        Outcome refused = await _here.RunAsync("", "agent", "--server", "nowhere", "--json");
        Assert.Equal("usage", Documents(refused.Exits(2).Error).Single().GetProperty("code").GetString());
    }

    [UnixFact]
    public async Task A_server_says_why_it_does_not_start()
    {
        using Running server = await ServeAsync();

        (await _here.RunAsync("", "server", "--data", "data", "--listen", "http://127.0.0.1:0"))
            .Exits(3).Says("store-locked");
        Outcome taken = (await _here.RunAsync("", "server", "--data", "other", "--listen", _address))
            .Exits(3).Says("listen-failed");
        Assert.DoesNotContain("Not serving", taken.Output);
        (await _here.RunAsync("", "server", "--data", "other", "--listen", "http://0.0.0.0:0"))
            .Exits(2).Says("listen-refused");
        (await _here.RunAsync("", "server", "--data", "other", "--listen", "nowhere")).Exits(2).Says("listen-invalid");
    }

    private static JsonElement[] Documents(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<Outcome> AskAsync(params string[] arguments) =>
        await _here.RunAsync("", [.. arguments, "--server", _address]);

    private async Task<Running> ServeAsync(params string[] more)
    {
        Running server = _here.Start(["server", "--data", "data", "--listen", _address, .. more]);
        using HttpClient client = new();
        for (int i = 0; ; i++)
        {
            Assert.False(server.HasEnded || i == 1_000, $"The server does not serve. {server.ErrorSoFar}");
            try
            {
                using HttpResponseMessage answer = await client.GetAsync($"{_address}/readyz");
                if (answer.IsSuccessStatusCode)
                {
                    return server;
                }
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }
}
