using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Threading.Channels;
using Elasticity.Api.Tests.Support;
using Elasticity.Domain;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Api.Tests.Inspection;

/// <summary>Server-sent events.</summary>
public class WatchTests
{
    private readonly FakeElasticity _engine = new();
    private readonly Channel<bool> _news = Channel.CreateUnbounded<bool>();

    public WatchTests() => _engine.News = async cancellationToken => await _news.Reader.ReadAsync(cancellationToken);

    [Fact]
    public async Task A_job_is_shown_and_again_after_each_change_until_it_has_ended()
    {
        long version = 3;
        _engine.Job = id => Some.Job(id.Value, version < 5 ? "open" : "succeeded", version);
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, "/v1/jobs/a/watch");
        await using IAsyncEnumerator<SseItem<string>> events = Events(response);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(("3", "job", 3L), await NextAsync(events));
        _news.Writer.TryWrite(true); // Somebody else's news: nothing is sent.
        version = 4;
        _news.Writer.TryWrite(true);
        Assert.Equal(("4", "job", 4L), await NextAsync(events));
        version = 5;
        _news.Writer.TryWrite(true);
        Assert.Equal(("5", "job", 5L), await NextAsync(events));
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task Watching_goes_on_behind_the_last_event_seen()
    {
        long version = 4;
        _engine.Job = id => Some.Job(id.Value, "open", version);
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        using HttpResponseMessage response = await host.SendAsync(
            HttpMethod.Get, "/v1/jobs/a/watch", null, ("Last-Event-ID", "4"));
        await using IAsyncEnumerator<SseItem<string>> events = Events(response);
        version = 6;
        _news.Writer.TryWrite(true);

        Assert.Equal(("6", "job", 6L), await NextAsync(events));
    }

    [Fact]
    public async Task A_client_that_has_seen_the_end_is_told_to_stop_asking()
    {
        _engine.Job = id => Some.Job(id.Value, "succeeded", 5);
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        using HttpResponseMessage response = await host.SendAsync(
            HttpMethod.Get, "/v1/jobs/a/watch", null, ("Last-Event-ID", "5"));

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task A_watch_that_cannot_be_is_a_problem_and_no_stream()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.SendAsync(HttpMethod.Get, "/v1/jobs/a/watch", null, ("Last-Event-ID", "x"))
            .ProblemAsync(400, "invalid");
        _engine.Job = _ => new Rejection("job-unknown", "There is none.");
        await host.GetAsync("/v1/jobs/a/watch").ProblemAsync(404, "job-unknown");
    }

    [Fact]
    public async Task The_number_of_streams_is_limited()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine, new ApiOptions { StreamsMax = 1 });

        HttpResponseMessage first = await host.SendAsync(HttpMethod.Get, "/v1/jobs/a/watch");
        await host.GetAsync("/v1/jobs/a/watch").ProblemAsync(429, "too-many-streams");
        Assert.Contains("elasticity_event_streams 1\n", await host.Client.GetStringAsync("/metrics"));

        first.Dispose();
        await Wait.UntilAsync(async () =>
            (await host.Client.GetStringAsync("/metrics")).Contains("elasticity_event_streams 0\n"));
        using HttpResponseMessage next = await host.SendAsync(HttpMethod.Get, "/v1/jobs/a/watch");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task Silence_is_broken_by_comments()
    {
        _engine.News = async cancellationToken => await Task.Delay(1, cancellationToken);
        ApiOptions options = new() { KeepAlive = TimeSpan.FromMilliseconds(20) };
        await using ApiHost host = await ApiHost.StartAsync(_engine, options);

        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, "/v1/jobs/a/watch");
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());

        Assert.Equal("id: 3", await reader.ReadLineAsync());
        Assert.Equal("event: job", await reader.ReadLineAsync());
        Assert.StartsWith("data: {", await reader.ReadLineAsync());
        Assert.Equal(string.Empty, await reader.ReadLineAsync());
        Assert.Equal(":", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task A_stream_ends_when_the_server_stops()
    {
        await using ApiHost host = await ApiHost.StartAsync(_engine, new ApiOptions());
        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, "/v1/jobs/a/watch");
        await using IAsyncEnumerator<SseItem<string>> events = Events(response);
        await NextAsync(events);

        await host.StopAsync();

        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task The_log_is_read_from_a_cursor()
    {
        _engine.Log = Log(5);
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        JsonElement first = await host.GetAsync("/v1/log?limit=2").JsonAsync();
        JsonElement second = await host.GetAsync("/v1/log?limit=1000&cursor=2").JsonAsync();
        JsonElement last = await host.GetAsync("/v1/log?cursor=5").JsonAsync();

        Assert.Equal(
            """
            {"events":[{"stream":"job/job-1","version":1,"type":"job-sealed-1","content":{"n":1},"hash":"HASH"},
            {"stream":"job/job-1","version":2,"type":"job-sealed-1","content":{"n":2},"hash":"HASH"}],
            "next":"2","isEnd":false}
            """.ReplaceLineEndings(string.Empty).Replace("HASH", new string('0', 64)),
            first.GetRawText());
        Assert.Equal(3, second.GetProperty("events").GetArrayLength());
        Assert.Equal("""{"events":[],"next":"5","isEnd":true}""", last.GetRawText());
    }

    [Fact]
    public async Task The_log_is_followed_from_a_cursor_and_behind_the_last_event_seen()
    {
        int length = 3;
        _engine.Log = (after, limit) => Log(length)(after, limit);
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        using HttpResponseMessage response = await host.SendAsync(
            HttpMethod.Get, "/v1/log?limit=2&cursor=1", null, ("Accept", "text/event-stream"));
        await using IAsyncEnumerator<SseItem<string>> events = Events(response);
        Assert.Equal(("3", "log", "1 2"), await NextLogAsync(events));
        length = 6;
        _news.Writer.TryWrite(true);
        Assert.Equal(("5", "log", "3 4"), await NextLogAsync(events));
        Assert.Equal(("6", "log", "5"), await NextLogAsync(events));

        using HttpResponseMessage resumed = await host.SendAsync(
            HttpMethod.Get, "/v1/log?cursor=1", null, ("Accept", "text/event-stream"), ("Last-Event-ID", "5"));
        await using IAsyncEnumerator<SseItem<string>> rest = Events(resumed);
        Assert.Equal(("6", "log", "5"), await NextLogAsync(rest));
    }

    [Fact]
    public async Task A_cursor_of_another_log_is_refused()
    {
        _engine.Log = (_, _) => throw new ArgumentException("It is no cursor of this store.");
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync("/v1/log?cursor=x").ProblemAsync(400, "invalid");
        await host.SendAsync(HttpMethod.Get, "/v1/log?cursor=x", null, ("Accept", "text/event-stream"))
            .ProblemAsync(400, "invalid");
        await host.GetAsync("/v1/log?cursor=%C3%A9").ProblemAsync(400, "invalid");
        await host.GetAsync("/v1/log?limit=1001").ProblemAsync(422, "limit-exceeded");
    }

    [Fact]
    public async Task A_cursor_beyond_the_end_of_the_log_is_refused()
    {
        _engine.Log = (after, _) => throw new CursorUnknownException(after);
        await using ApiHost host = await ApiHost.StartAsync(_engine);

        await host.GetAsync("/v1/log?cursor=900000").ProblemAsync(404, "cursor-unknown");
        await host.SendAsync(
            HttpMethod.Get, "/v1/log", null, ("Accept", "text/event-stream"), ("Last-Event-ID", "900000"))
            .ProblemAsync(404, "cursor-unknown");
    }

    // Numbers of events are one behind their cursor, so that they cannot be mixed up.
    private static Func<LogCursor, int, LogPage> Log(int length) => (after, limit) =>
    {
        int from = after == LogCursor.Start ? 0 : int.Parse(after.Value);
        int to = Math.Min(length, from + limit);
        return new LogPage(
            [.. Enumerable.Range(from, to - from).Select(n => Some.Event(n + 1))],
            new LogCursor(to.ToString()),
            IsEnd: to == length);
    };

    private static IAsyncEnumerator<SseItem<string>> Events(HttpResponseMessage response) =>
        SseParser.Create(response.Content.ReadAsStream()).EnumerateAsync().GetAsyncEnumerator();

    private static async Task<(string? Id, string Name, long Version)> NextAsync(
        IAsyncEnumerator<SseItem<string>> events)
    {
        Assert.True(await events.MoveNextAsync());
        JsonElement job = JsonElement.Parse(events.Current.Data);
        return (events.Current.EventId, events.Current.EventType, job.GetProperty("version").GetInt64());
    }

    private static async Task<(string? Id, string Name, string Versions)> NextLogAsync(
        IAsyncEnumerator<SseItem<string>> events)
    {
        Assert.True(await events.MoveNextAsync());
        JsonElement log = JsonElement.Parse(events.Current.Data);
        return (
            events.Current.EventId,
            events.Current.EventType,
            string.Join(' ', log.GetProperty("events").EnumerateArray().Select(
                e => e.GetProperty("content").GetProperty("n").GetInt32() - 1)));
    }
}
