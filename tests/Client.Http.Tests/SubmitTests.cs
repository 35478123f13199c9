using System.Collections.Immutable;
using Elasticity.Client.Http.Tests.Support;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Embedded;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Client.Http.Tests;

/// <summary>Submitting, whole and in chunks, over a network that breaks.</summary>
public sealed class SubmitTests : IAsyncLifetime
{
    private readonly InMemoryEventStore _store = new();
    private readonly Breaker _breaker = new();
    private EmbeddedEngine _engine = null!;
    private ServedEngine _served = null!;

    public async Task InitializeAsync()
    {
        _engine = await EmbeddedEngine.StartAsync(_store);
        _served = await ServedEngine.StartAsync(() => _engine, _breaker.Before);
    }

    public async Task DisposeAsync()
    {
        _served.Dispose();
        _breaker.Dispose();
        await _engine.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(3_210)]
    public async Task A_job_is_the_same_over_http_and_in_process_whatever_its_size(int tasks)
    {
        JobSubmission job = Job(tasks);

        Reply<SubmitReceipt> first = await _served.Client.SubmitAsync(job, default);
        Reply<SubmitReceipt> again = await _served.Client.SubmitAsync(job, default);
        Reply<SubmitReceipt> inProcess = await _engine.SubmitAsync(job, default);

        Assert.True(first.Value!.IsNew);
        Assert.False(again.Value!.IsNew);
        Assert.False(inProcess.Value!.IsNew); // The digests agree: nothing was lost on the way.
        Assert.Equal(tasks, inProcess.Value.Job.TaskCount);
        Assert.Equal(job.Header.Policy, again.Value.Job.Policy);
        Assert.Equal(job.Header.Labels, again.Value.Job.Labels);
    }

    [Fact]
    public async Task Names_need_not_be_unique_as_in_process()
    {
        JobSubmission job = Job(2);
        job = job with { Tasks = [.. job.Tasks.Select(t => t with { Name = "same" })] };
        Assert.True((await _served.Client.SubmitAsync(job, default)).IsAccepted);
    }

    [Fact]
    public async Task Another_job_of_the_same_id_is_refused()
    {
        JobSubmission job = Job(3);
        await _served.Client.SubmitAsync(job, default);
        Reply<SubmitReceipt> other = await _served.Client.SubmitAsync(job with { Tasks = [job.Tasks[0]] }, default);
        Assert.Equal(RejectionCode.JobExists, other.Rejection!.Code);
    }

    [Fact]
    public async Task A_submit_in_chunks_survives_losing_every_second_answer()
    {
        JobSubmission job = Job(3_500);
        _breaker.LosesEverySecondAnswer = true;
        Assert.True((await _served.Client.SubmitAsync(job, default)).IsAccepted);
        _breaker.LosesEverySecondAnswer = false;
        Assert.Equal(3_500, (await _engine.GetJobAsync(job.Id, null, default)).Value!.TaskCount);
    }

    [Fact]
    public async Task A_submit_that_broke_off_goes_on_where_it_stopped()
    {
        JobSubmission job = Job(3_500);
        string digest = JobDigest.Of(job.Header.Policy, job.Tasks);
        await _served.Client.OpenAsync(job.Id, job.Header, digest, job.Tasks.Count, default);
        Reply<SubmitProgress> progress =
            await _served.Client.AddTasksAsync(job.Id, 0, [.. job.Tasks.Take(777)], default);
        Assert.Equal(new SubmitProgress(777, false), progress.Value);

        Assert.True((await _served.Client.SubmitAsync(job, default)).Value!.IsNew);
        Assert.Equal(new TaskCounts(3_499, 1, 0, 0, 0, 0, 0),
            (await _engine.GetJobAsync(job.Id, null, default)).Value!.Counts);
    }

    /// <summary>A chain of tasks with everything that a task can say.</summary>
    private static JobSubmission Job(int tasks)
    {
        RetryPolicy retry = new()
        {
            AttemptsMax = 7,
            First = TimeSpan.FromTicks(12_345_671),
            Factor = 1.1,
            Cap = TimeSpan.FromTicks(987_654_321_987),
            Jitter = 0.3,
        };
        JobPolicy policy = new()
        {
            LeaseLength = TimeSpan.FromTicks(123_456_789),
            OnDeadLetter = DeadLetterRule.FailFast,
            Priority = -5,
            Retry = retry,
        };
        return new JobSubmission(
            new JobId(Guid.NewGuid().ToString("N")),
            new JobHeader("näme", policy, ImmutableSortedDictionary<string, string>.Empty.Add("a", "b")),
            [
                .. Enumerable.Range(0, tasks).Select(i => new TaskSpec
                {
                    Kind = "resize",
                    Name = $"task {i}",
                    Payload = Payload.FromJson($$"""{ "n" : {{i}} }"""),
                    DependsOn = i == 0 ? [] : [i - 1],
                    LeaseLength = TimeSpan.FromTicks(10_000_001 + i),
                    NotBefore = DateTimeOffset.UnixEpoch.AddTicks(i),
                    Priority = i % 10,
                    Retry = i % 2 == 0 ? null : retry,
                }),
            ]);
    }

    /// <summary>A network that loses answers.</summary>
    private sealed class Breaker : DelegatingHandler
    {
        private int _count;

        public bool LosesEverySecondAnswer { get; set; }

        public DelegatingHandler Before(HttpMessageHandler server)
        {
            InnerHandler = server;
            return this;
        }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            return LosesEverySecondAnswer && Interlocked.Increment(ref _count) % 2 == 1
                ? throw new HttpRequestException("Broken pipe.")
                : response;
        }
    }
}
