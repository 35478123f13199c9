using System.Text.Json;
using Elasticity.Cli.Tests.Support;
using Xunit;

namespace Elasticity.Cli.Tests.Inspect;

[Collection(Processes.Name)]
public sealed class InspectTests : IDisposable
{
    private readonly Workplace _here = new();

    public void Dispose() => _here.Dispose();

    [UnixFact]
    public async Task What_a_run_left_is_listed_shown_verified_and_done_again()
    {
        (await _here.RunAsync("1\nbad\n", "run", "--job", "j", "--retries", "0", "--exec", "echo hi {}; test {} = 1"))
            .Exits(1);

        Outcome jobs = (await _here.RunAsync("", "jobs")).Exits(0);
        Outcome show = (await _here.RunAsync("", "show", "j", "--state", "dead-lettered")).Exits(0);
        Outcome task = (await _here.RunAsync("", "show", "j", "1")).Exits(0);
        Outcome history = (await _here.RunAsync("", "show", "j", "1", "--history")).Exits(0);
        Outcome before = (await _here.RunAsync("", "show", "j", "1", "--at", "1")).Exits(0);
        Outcome sound = (await _here.RunAsync("", "verify")).Exits(0);
        (await _here.RunAsync("", "watch", "j")).Exits(1);
        (await _here.RunAsync("", "redrive", "j")).Exits(0);
        (await _here.RunAsync("", "run", "--job", "j")).Exits(1);
        Outcome again = (await _here.RunAsync("", "show", "j", "1", "--json")).Exits(0);

        Assert.Matches("j +failed +2 +2 +1 ", jobs.Output);
        Assert.Contains("dead-lettered", show.Output);
        Assert.DoesNotContain("exec.j  1 ", show.Output);
        Assert.Contains("hi bad", task.Output);
        Assert.Equal(3, history.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("leased", before.Output);
        Assert.Contains("everything fits", sound.Output);
        Assert.Equal(2, JsonDocument.Parse(again.Output).RootElement.GetProperty("run").GetInt32());
    }

    [UnixFact]
    public async Task A_redrive_that_is_repeated_as_the_same_request_changes_nothing()
    {
        (await _here.RunAsync("1\nbad\n", "run", "--job", "j", "--retries", "0", "--exec", "test {} = 1")).Exits(1);
        (await _here.RunAsync("", "redrive", "j", "--request", "r-1")).Exits(0);
        (await _here.RunAsync("", "run", "--job", "j")).Exits(1);

        Outcome again = (await _here.RunAsync("", "redrive", "j", "--request", "r-1", "--json")).Exits(0);
        Outcome other = (await _here.RunAsync("", "redrive", "j", "1", "--request", "r-1", "--json")).Exits(2);
        Outcome next = (await _here.RunAsync("", "redrive", "j", "--request", "r-2", "--json")).Exits(0);

        Assert.Equal("failed", JsonDocument.Parse(again.Output).RootElement.GetProperty("state").GetString());
        Assert.Contains("idempotency-mismatch", other.Error);
        Assert.Equal("open", JsonDocument.Parse(next.Output).RootElement.GetProperty("state").GetString());
    }

    [UnixFact]
    public async Task What_is_erased_is_gone_and_the_rest_verifies()
    {
        (await _here.RunAsync("secret-1\nsecret-2\n", "run", "--job", "j", "--exec", "echo got {}")).Exits(0);

        (await _here.RunAsync("", "erase", "j", "0")).Exits(0);
        Outcome gone = (await _here.RunAsync("", "show", "j", "0", "--json")).Exits(0);
        Outcome left = (await _here.RunAsync("", "show", "j", "1", "--json")).Exits(0);
        (await _here.RunAsync("", "erase", "j")).Exits(0);
        (await _here.RunAsync("", "erase", "k")).Exits(2).Says("job-unknown");

        Assert.DoesNotContain("secret", gone.Output);
        Assert.Contains("secret-2", left.Output);
        (await _here.RunAsync("", "verify")).Exits(0);
        Assert.All(
            Directory.EnumerateFiles(_here.Of(".elasticity"), "*", SearchOption.AllDirectories),
            f => Assert.DoesNotContain("secret-", File.ReadAllText(f, System.Text.Encoding.Latin1)));
    }

    [UnixFact]
    public async Task A_trimmed_job_says_so_and_when()
    {
        (await _here.RunAsync("1\n", "run", "--job", "j", "--exec", "true", "--results", "out.jsonl")).Exits(0);
        (await _here.RunAsync("", "trim", "j")).Exits(0);

        Outcome text = (await _here.RunAsync("", "show", "j")).Exits(0);
        Outcome json = (await _here.RunAsync("", "show", "j", "--json")).Exits(0);
        Outcome jobs = (await _here.RunAsync("", "jobs")).Exits(0);
        Outcome history = (await _here.RunAsync("", "show", "j", "--history")).Exits(0);
        Outcome again = (await _here.RunAsync("", "run", "--job", "j", "--results", "out.jsonl")).Exits(0);

        Assert.Matches("state +succeeded, trimmed\n", text.Output);
        Assert.Matches("trimmed +20[0-9-]+ [0-9:]+\n", text.Output);
        JsonElement job = JsonDocument.Parse(json.Output).RootElement;
        Assert.True(job.GetProperty("trimmedAt").GetDateTimeOffset() >= job.GetProperty("endedAt").GetDateTimeOffset());
        Assert.Matches("j +succeeded, trimmed +1 +1 ", jobs.Output);
        Assert.Contains("trimmed/j 1 job-trimmed-1", history.Output);
        Assert.Contains("results of j were trimmed", again.Error);
        Assert.Single(_here.Results());
    }

    [UnixFact]
    public async Task A_task_whose_time_has_not_come_says_when_it_will()
    {
        await File.WriteAllTextAsync(_here.Of("job.json"), """
            {"id":"j","tasks":[{"kind":"exec","payload":{"command":"true"},"notBefore":"2999-01-02T12:00:00Z"}]}
            """);
        using Running run = _here.Start("run", "job.json");
        await Run.RunTests.Until(() => File.Exists(_here.Of(".elasticity/control.sock")));
        while (!(await _here.RunAsync("", "show", "j")).Output.Contains("pending until 2999-01-0"))
        {
            Assert.False(run.HasEnded);
        }

        (await _here.RunAsync("", "cancel", "j")).Exits(0);
        (await run.EndAsync()).Exits(1);
    }

    [UnixFact]
    public async Task Documents_are_those_of_the_HTTP_API()
    {
        (await _here.RunAsync("1\n", "run", "--job", "j", "--exec", "true")).Exits(0);

        Outcome jobs = (await _here.RunAsync("", "jobs", "--json")).Exits(0);
        Outcome show = (await _here.RunAsync("", "show", "j", "--json")).Exits(0);
        Outcome events = (await _here.RunAsync("", "events", "--json")).Exits(0);
        Outcome verify = (await _here.RunAsync("", "verify", "--json", "--job", "j")).Exits(0);

        Assert.Equal("j", JsonDocument.Parse(jobs.Output).RootElement.GetProperty("id").GetString());
        string[] shown = show.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("succeeded", JsonDocument.Parse(shown[1]).RootElement.GetProperty("state").GetString());
        Assert.All(
            events.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            e => Assert.Equal(64, JsonDocument.Parse(e).RootElement.GetProperty("hash").GetString()!.Length));
        Assert.True(JsonDocument.Parse(verify.Output).RootElement.GetProperty("isSound").GetBoolean());
    }

    [UnixFact]
    public async Task The_log_goes_on_from_a_cursor()
    {
        (await _here.RunAsync("1\n2\n", "run", "--job", "j", "--exec", "true")).Exits(0);
        Outcome all = (await _here.RunAsync("", "events")).Exits(0);

        Outcome first = (await _here.RunAsync("", "events", "--limit", "3")).Exits(0);
        string cursor = first.Error.Trim().Split(' ')[^1];
        Outcome rest = (await _here.RunAsync("", "events", "--after", cursor)).Exits(0);

        Assert.Equal(all.Output, first.Output + rest.Output);
    }

    [UnixFact]
    public async Task While_a_run_owns_the_directory_others_look()
    {
        using Running run = _here.Start(
            "run", "--job", "j", "--exec", "touch began; while ! test -e go; do sleep 0.1; done; echo {}");
        await run.FeedAsync("1\n"u8.ToArray());
        await Run.RunTests.Until(() => File.Exists(_here.Of("began")));

        Outcome show = (await _here.RunAsync("", "show", "j")).Exits(0);
        (await _here.RunAsync("", "verify")).Exits(0);
        await File.WriteAllTextAsync(_here.Of("go"), "");

        (await run.EndAsync()).Exits(0);
        Assert.Contains("leased", show.Output);
    }

    [UnixFact]
    public async Task A_submitted_job_waits_is_steered_and_trimmed()
    {
        await File.WriteAllTextAsync(
            _here.Of("job.json"), """{"id":"s","tasks":[{"kind":"resize"},{"kind":"resize","dependsOn":[0]}]}""");

        Assert.Equal("s\n", (await _here.RunAsync("", "submit", "job.json")).Exits(0).Output);
        Assert.Equal("s\n", (await _here.RunAsync("", "submit", "job.json")).Exits(0).Output);
        Outcome doctor = (await _here.RunAsync("", "doctor")).Exits(1);
        Outcome queues = (await _here.RunAsync("", "queues")).Exits(0);
        Assert.Equal("s open, paused\n", (await _here.RunAsync("", "pause", "s")).Exits(0).Output);
        Assert.Equal("s open\n", (await _here.RunAsync("", "resume", "s")).Exits(0).Output);
        (await _here.RunAsync("", "run", "--job", "s")).Exits(2).Says("kind-unknown");
        (await _here.RunAsync("", "trim", "s")).Exits(2).Says("job-state");
        (await _here.RunAsync("", "cancel", "s")).Exits(0);
        Assert.Equal("s trimmed\n", (await _here.RunAsync("", "trim", "s")).Exits(0).Output);
        (await _here.RunAsync("", "verify")).Exits(0);

        Assert.Contains("no-agent: ", doctor.Output);
        Assert.Matches("resize +1 +0 +0 +0 +0", queues.Output);
    }

    [Theory]
    [InlineData("jobs")]
    [InlineData("show", "j")]
    [InlineData("cancel", "j")]
    [InlineData("doctor")]
    [InlineData("verify")]
    public async Task Where_there_is_no_data_nothing_is_made(params string[] arguments)
    {
        (await _here.RunAsync("", arguments)).Exits(3).Says("store-unavailable");

        Assert.False(Directory.Exists(_here.Of(".elasticity")));
    }

    [Theory]
    [InlineData("invalid", "events", "--after", "somewhere")]
    [InlineData("cursor-unknown", "events", "--after", "1000000")]
    [InlineData("options-invalid", "verify", "--store", "somewhere")]
    [InlineData("options-invalid", "bench", "--in-process", "--store", "somewhere")]
    public async Task A_place_that_is_none_is_refused(string code, params string[] arguments)
    {
        (await _here.RunAsync("1\n", "run", "--job", "j", "--exec", "true")).Exits(0);

        Outcome refused = (await _here.RunAsync("", arguments)).Exits(2).Says(code);

        Assert.DoesNotContain("to go on", refused.Error);
    }

    [Theory]
    [InlineData("jobs", "--server", "nowhere")]
    [InlineData("jobs", "--server", "http://localhost:1", "--data", "x")]
    [InlineData("agent", "--kind", "k")]
    [InlineData("agent", "--server", "nowhere")]
    public async Task A_wrong_target_is_wrong_usage(params string[] arguments) =>
        (await _here.RunAsync("", arguments)).Exits(2).Says("usage");

    [Fact]
    public async Task A_server_that_is_not_there_is_told() =>
        (await _here.RunAsync("", "jobs", "--server", "http://127.0.0.1:9")).Exits(3).Says("server-unreachable");
}
