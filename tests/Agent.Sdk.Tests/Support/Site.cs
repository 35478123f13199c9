using System.Collections.Immutable;
using System.Globalization;
using Elasticity.Api;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Elasticity.Engine.Embedded;
using Elasticity.EventStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Elasticity.Agent.Sdk.Tests.Support;

/// <summary>A real server on the loopback address: Kestrel, the API, the embedded engine, a store in memory.</summary>
internal sealed class Site : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ManualTime? _time;
    private InMemoryEventStore _store = new();
    private WebApplication? _app;

    private Site(ManualTime? time) => _time = time;

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public EmbeddedEngine Engine { get; private set; } = null!;

    /// <summary>Starts a server.</summary>
    /// <param name="time">The clocks of the engine; null means the real ones.</param>
    public static async Task<Site> StartAsync(ManualTime? time = null)
    {
        Site site = new(time);
        await site.ServeAsync();
        return site;
    }

    /// <summary>Stops the server as an orderly shutdown does.</summary>
    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
            await Engine.DisposeAsync();
            _app = null;
        }
    }

    /// <summary>Starts it again at the same address, on the same data.</summary>
    public async Task ServeAsync()
    {
        _store = _store.Reopen();
        Engine = await EmbeddedEngine.StartAsync(_store, time: _time);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(Address.ToString());
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        builder.Services.AddSingleton<IElasticity>(Engine);
        builder.Services.AddElasticityApi(new ApiOptions());
        _app = builder.Build();
        _app.UseRouting();
        _app.MapElasticityApi();
        await _app.StartAsync();
        Address = new Uri(_app.Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    /// <summary>Submits a job whose payloads are the indexes of its tasks.</summary>
    public async Task<JobId> SubmitAsync(
        int tasks,
        string kind = "count",
        double leaseSeconds = 30,
        int attemptsMax = 3,
        Func<int, string?>? payload = null)
    {
        JobPolicy policy = new()
        {
            LeaseLength = TimeSpan.FromSeconds(leaseSeconds),
            Retry = new RetryPolicy { AttemptsMax = attemptsMax, First = TimeSpan.Zero },
        };
        JobId job = new(Guid.NewGuid().ToString("N"));
        Reply<SubmitReceipt> reply = await Engine.SubmitAsync(
            new JobSubmission(
                job,
                new JobHeader("test", policy, ImmutableSortedDictionary<string, string>.Empty),
                [.. Enumerable.Range(0, tasks).Select(i => new TaskSpec
                {
                    Kind = kind,
                    Payload = PayloadOf(payload is null ? i.ToString(CultureInfo.InvariantCulture) : payload(i)),
                })]),
            CancellationToken.None);
        Assert.Null(reply.Rejection);
        return job;
    }

    /// <summary>Lets time pass for engine and agent alike, until the agent has been heard again.</summary>
    /// <remarks>Time also creeps while the test waits: the leap may have overtaken the answer to a heartbeat, which
    /// then counts as lost and is sent again after a back-off.</remarks>
    public async Task PassAsync(TimeSpan by)
    {
        _time!.Advance(by);
        using CancellationTokenSource patience = new(Patience);
        while ((await Engine.ListAgentsAsync(patience.Token)).Single().SeenAgo >= by)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
        }
    }

    public Task<JobSummary> EndOfAsync(JobId job) => UntilAsync(job, j => j.IsEnded);

    public async Task<JobSummary> UntilAsync(JobId job, Func<JobSummary, bool> isReached)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            Reply<JobSummary> reply = await Engine.GetJobAsync(job, null, patience.Token);
            if (reply.Value is { } seen && isReached(seen))
            {
                return seen;
            }

            await Engine.WaitForNewsAsync(patience.Token);
        }
    }

    public async Task<TaskView> TaskAsync(JobId job, int index = 0) =>
        (await Engine.GetTaskAsync(new TaskId(job, index), null, true, CancellationToken.None)).Value!;

    public async Task<TaskView> UntilAsync(JobId job, Func<TaskView, bool> isReached)
    {
        using CancellationTokenSource patience = new(Patience);
        TaskView task;
        while (!isReached(task = await TaskAsync(job)))
        {
            await Engine.WaitForNewsAsync(patience.Token);
        }

        return task;
    }

    /// <summary>The names of the events of a task.</summary>
    public async Task<string[]> HistoryAsync(JobId job, int index = 0)
    {
        StreamId stream = Elasticity.EventStore.Codec.StreamNames.Of(new TaskId(job, index));
        IReadOnlyList<StoredEvent> events = await Engine.ReadHistoryAsync(stream, 1, 1_000, CancellationToken.None);
        return [.. events.Select(e => e.Record.Type)];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _store.DisposeAsync();
    }

    private static Payload PayloadOf(string? json) => json is null ? Payload.None : Payload.FromJson(json);
}
