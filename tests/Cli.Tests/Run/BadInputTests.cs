using System.Text;
using System.Text.Json;
using Elasticity.Cli.Tests.Support;
using Xunit;

namespace Elasticity.Cli.Tests.Run;

/// <summary>Whatever is wrong is said in one sentence with a stable code, and nothing is begun.</summary>
[Collection(Processes.Name)]
public sealed class BadInputTests : IDisposable
{
    private readonly Workplace _here = new();

    public void Dispose() => _here.Dispose();

    [Theory]
    [InlineData("{\"tasks\":[}", "bad-json")]
    [InlineData("{\"tasks\":[],\"tasks\":[]}", "bad-json")]
    [InlineData("", "bad-json")]
    [InlineData("{}", "invalid")]
    [InlineData("{\"tasks\":[],\"colour\":\"red\"}", "unknown-field")]
    [InlineData("{\"taks\":[]}", "unknown-field")]
    [InlineData("{\"tasks\":[{\"kind\":\"exec\",\"payload\":{\"cmd\":\"ls\"}}]}", "invalid")]
    [InlineData("{\"tasks\":[{\"kind\":\"exec\",\"payload\":{\"command\":5}}]}", "invalid")]
    [InlineData("{\"tasks\":[{\"kind\":\"exec\",\"payload\":{\"command\":\"ls '\",\"argument\":\"x\"}}]}", "invalid")]
    [InlineData("{\"tasks\":[{\"kind\":\"exec\"}]}", "invalid")]
    [InlineData("{\"tasks\":[{\"kind\":\"resize\"}]}", "kind-unknown")]
    [InlineData("{\"tasks\":[{\"kind\":\"exec\",\"dependsOn\":[7]}]}", "dependency-unknown")]
    [InlineData("{\"tasks\":[{\"kind\":\"exec\",\"name\":\"a\"},{\"kind\":\"exec\",\"name\":\"a\"}]}", "invalid")]
    [InlineData(
        "{\"tasks\":[{\"kind\":\"exec\",\"name\":\"a\",\"dependsOn\":[\"b\"]},"
        + "{\"kind\":\"exec\",\"name\":\"b\",\"dependsOn\":[\"a\"]}]}",
        "dependency-cycle")]
    [InlineData("{\"tasks\":[],\"policy\":{\"retry\":{\"attemptsMax\":0}}}", "invalid")]
    [InlineData("{\"id\":\"a b\",\"tasks\":[]}", "invalid")]
    public async Task A_wrong_job_file_is_refused(string json, string code)
    {
        await File.WriteAllTextAsync(_here.Of("job.json"), json);

        Outcome refused = (await _here.RunAsync("", "run", "job.json")).Exits(2).Says(code);

        Assert.DoesNotContain("Elasticity.", refused.Error); // No name out of the code.
        Assert.False(Directory.Exists(_here.Of(".elasticity")));
    }

    [Fact]
    public async Task A_payload_of_ten_megabytes_is_refused()
    {
        string large = new('x', 10_000_000);
        await File.WriteAllTextAsync(
            _here.Of("job.json"),
            "{\"tasks\":[{\"kind\":\"exec\",\"payload\":{\"command\":\"ls\",\"argument\":\"" + large + "\"}}]}");

        (await _here.RunAsync("", "run", "job.json")).Exits(2).Says("limit-exceeded");
        (await _here.RunAsync($"{large}\n", "run", "--exec", "ls")).Exits(2).Says("limit-exceeded");
    }

    [Fact]
    public async Task A_million_and_one_tasks_are_refused()
    {
        StringBuilder lines = new();
        for (int i = 0; i <= 1_000_000; i++)
        {
            lines.Append("x\n");
        }

        Outcome outcome = await _here.RunAsync(lines.ToString(), "run", "--exec", "true");

        outcome.Exits(2).Says("limit-exceeded");
        Assert.Contains("1000000", outcome.Error);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("run", "--exec", "ls", "job.json")]
    [InlineData("run", "job.json", "--retries", "1")]
    [InlineData("run", "--exec", "ls", "--parallel", "0")]
    [InlineData("run", "--exec", "ls", "--parallel", "many")]
    [InlineData("show", "j", "first")]
    [InlineData("show", "j", "--colour")]
    [InlineData("run", "--colour")]
    [InlineData("run", "--exec", "ls", "--timeout", "soon")]
    [InlineData("run", "--exec", "ls", "--timeout", "40d")]
    [InlineData("run", "--exec", "ls", "--timeout", "0")]
    [InlineData("run", "--exec", "ls", "--job", "a b")]
    [InlineData("run", "--exec", "ls", "--colour")]
    [InlineData("walk")]
    public async Task Wrong_usage_is_told_with_where_to_read(params string[] arguments)
    {
        Outcome outcome = await _here.RunAsync("", arguments);

        outcome.Exits(2).Says("usage");
        Assert.Contains("--help", outcome.Error);
        Assert.DoesNotContain("System.", outcome.Error);
        Assert.DoesNotContain("00:00", outcome.Error);
    }

    [UnixFact]
    public async Task Wrong_usage_is_JSON_and_nothing_else_where_JSON_was_asked_for()
    {
        Outcome outcome = (await _here.RunAsync("", "jobs", "--colour", "--json")).Exits(2);

        Assert.Equal("usage", JsonDocument.Parse(outcome.Error).RootElement.GetProperty("code").GetString());
    }

    [UnixFact]
    public async Task A_file_whose_name_begins_with_a_dash_is_one_after_two_dashes()
    {
        await File.WriteAllTextAsync(
            _here.Of("-job"), """{"id":"j","tasks":[{"kind":"exec","payload":{"command":"true"}}]}""");

        (await _here.RunAsync("", "run", "-job")).Exits(2).Says("usage");
        (await _here.RunAsync("", "run", "--", "-job")).Exits(0);
    }

    [UnixFact]
    public async Task A_job_that_was_submitted_for_agents_is_not_run_and_the_advice_leads_somewhere()
    {
        await File.WriteAllTextAsync(
            _here.Of("job.json"), """{"id":"j","tasks":[{"kind":"exec","payload":{"command":"true"}}]}""");
        (await _here.RunAsync("", "submit", "job.json", "--data", "d")).Exits(0);

        foreach (string[] command in (string[][])[["run", "job.json"], ["run", "--job", "j"]])
        {
            Outcome refused = await _here.RunAsync("", [.. command, "--data", "d"]);
            Assert.Contains("elasticity server", refused.Exits(2).Says("kind-unknown").Error);
        }
    }

    [UnixFact]
    public async Task A_template_that_cannot_be_exact_is_refused() =>
        (await _here.RunAsync("x\n", "run", "--exec", "echo `ls {}`")).Exits(2).Says("exec-template");

    [Fact]
    public async Task Errors_are_JSON_when_asked_for()
    {
        Outcome outcome = (await _here.RunAsync("", "run", "no.json", "--json")).Exits(2);

        Assert.StartsWith("{\"code\":\"file-not-found\",\"detail\":\"", outcome.Error);
    }

    [UnixFact]
    public async Task Another_job_under_the_same_name_is_refused_with_what_to_do()
    {
        (await _here.RunAsync("1\n", "run", "--job", "j", "--exec", "echo {}")).Exits(0);

        Outcome outcome = await _here.RunAsync("2\n", "run", "--job", "j", "--exec", "echo {}");

        outcome.Exits(2).Says("job-exists");
        Assert.Contains("elasticity run --job j", outcome.Error);
        (await _here.RunAsync("", "run", "--job", "other")).Exits(2).Says("job-unknown");
    }

    [UnixFact]
    public async Task A_second_process_on_the_same_data_is_told_who_has_it_and_the_first_goes_on()
    {
        using Running first = _here.Start(
            "run", "--exec", "touch began; while ! test -e go; do sleep 0.1; done; echo {}");
        await first.FeedAsync("1\n"u8.ToArray());
        await RunTests.Until(() => File.Exists(_here.Of("began")));

        Outcome second = await _here.RunAsync("2\n", "run", "--exec", "echo {}");
        await File.WriteAllTextAsync(_here.Of("go"), "");

        second.Exits(3).Says("store-locked");
        Assert.Contains("process", second.Error);
        (await first.EndAsync()).Exits(0);
        (await _here.RunAsync("2\n", "run", "--exec", "echo {}")).Exits(0);
    }

    [UnixFact]
    public async Task A_results_file_that_cannot_be_written_is_told_before_anything_runs()
    {
        (await _here.RunAsync("1\n", "run", "--exec", "touch ran", "--results", "no/such/directory/out.jsonl"))
            .Exits(2).Says("results-unwritable");

        Assert.False(File.Exists(_here.Of("ran")));
    }
}
