using System.Text.Json;
using Elasticity.Api.Tests.Support;
using Elasticity.Domain;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Api.Tests.Inspection;

/// <summary>The events of one job, task or agent.</summary>
public class HistoryTests
{
    private readonly FakeElasticity _engine = new();

    [Theory]
    [InlineData("/v1/jobs/a/history", "job/a")]
    [InlineData("/v1/jobs/a/tasks/7/history", "task/a/00000007")]
    [InlineData("/v1/agents/a/history", "agent/a")]
    public async Task Events_are_listed_in_pages_however_few_the_engine_gives_at_once(string path, string stream)
    {
        _engine.History = (from, limit) => Stored(25, from, Math.Min(limit, 4));
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement first = await host.GetAsync(path + "?limit=10").JsonAsync();
        JsonElement last = await host.GetAsync(path + "?limit=10&cursor=21").JsonAsync();

        Assert.All(_engine.Calls, c => Assert.StartsWith($"history {stream} from ", c));
        Assert.Equal(Enumerable.Range(1, 10), Versions(first));
        Assert.Equal("11", first.GetProperty("next").GetString());
        Assert.Equal(Enumerable.Range(21, 5), Versions(last));
        Assert.False(last.TryGetProperty("next", out _));
    }

    [Fact]
    public async Task A_page_of_large_events_is_shorter()
    {
        byte[] large = System.Text.Encoding.UTF8.GetBytes($"\"{new string('x', 1024 * 1024)}\"");
        _engine.History = (from, limit) =>
            [.. Stored(100, from, limit).Select(e => e with { Record = e.Record with { Content = large } })];
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement page = await host.GetAsync("/v1/jobs/a/history?limit=100").JsonAsync();

        Assert.Equal(20, page.GetProperty("items").GetArrayLength());
        Assert.Equal("21", page.GetProperty("next").GetString());
    }

    [Fact]
    public async Task A_task_without_events_has_an_empty_history_and_an_unknown_one_has_none()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        Assert.Equal("""{"items":[]}""", (await host.GetAsync("/v1/jobs/a/tasks/7/history").JsonAsync()).GetRawText());

        _engine.Task = _ => new Rejection("task-unknown", "There is none.");
        _engine.Job = _ => new Rejection("job-unknown", "There is none.");
        await host.GetAsync("/v1/jobs/a/tasks/7/history").ProblemAsync(404, "task-unknown");
        await host.GetAsync("/v1/jobs/a/history").ProblemAsync(404, "job-unknown");
        await host.GetAsync("/v1/agents/a/history").ProblemAsync(404, "agent-unknown");
    }

    [Theory]
    [InlineData("/v1/jobs/a/history?cursor=0")]
    [InlineData("/v1/jobs/a/history?cursor=x")]
    [InlineData("/v1/jobs/a/history?cursor=-1")]
    [InlineData("/v1/jobs/a/history?cursor=9223372036854775807")]
    [InlineData("/v1/jobs/a/tasks/-1/history")]
    public async Task A_place_that_cannot_be_is_refused(string path)
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync(path).ProblemAsync(400, "invalid");
    }

    private static StoredEvent[] Stored(int length, long from, int limit) =>
        [.. Enumerable.Range(1, length).Where(v => v >= from).Take(limit).Select(v => Some.Event(v))];

    private static IEnumerable<int> Versions(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("version").GetInt32());
}
