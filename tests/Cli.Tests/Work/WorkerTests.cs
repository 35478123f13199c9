using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Elasticity.Cli.Stores;
using Elasticity.Cli.Work;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Cli.Tests.Work;

public sealed class WorkerTests : IAsyncLifetime
{
    private static readonly JobId Job = new("job");

    private readonly CancellationTokenSource _drain = new();
    private LocalEngine _local = null!;

    public async Task InitializeAsync() =>
        _local = await LocalEngine.StartAsync(new InMemoryEventStore(), null, CancellationToken.None);

    public async Task DisposeAsync()
    {
        await _local.DisposeAsync();
        _drain.Dispose();
    }

    [Fact]
    public async Task Every_task_is_executed_once_and_recorded()
    {
        await SubmitAsync(2_500);
        ConcurrentBag<int> executed = [];
        using Worker worker = WorkerWith(new Handler((task, _) =>
        {
            executed.Add(task.Task.Index);
            return Task.FromResult<Settlement>(new Settlement.Succeeded(Payload.None));
        }));

        Task working = worker.RunAsync(_drain.Token);
        JobSummary job = await UntilEndedAsync();
        await _drain.CancelAsync();
        await working;

        Assert.Equal(2_500, job.Counts.Succeeded);
        Assert.Equal(Enumerable.Range(0, 2_500), executed.Order());
        Assert.Equal(2_500, worker.Settled);
    }

    [Fact]
    public async Task An_exception_is_a_failed_attempt()
    {
        await SubmitAsync(1);
        using Worker worker = WorkerWith(new Handler((_, _) => throw new InvalidOperationException("Not today.")));

        Task working = worker.RunAsync(_drain.Token);
        await UntilEndedAsync();
        await _drain.CancelAsync();
        await working;

        TaskView task = (await _local.Engine.GetTaskAsync(new TaskId(Job, 0), null, false, default)).Value!;
        Assert.Equal(("dead-lettered", "InvalidOperationException", "Not today."), (
            task.State, task.Failure!.Code, task.Failure.Message));
    }

    [Fact]
    public async Task Draining_stops_what_runs_and_gives_everything_back_free_of_charge()
    {
        // An hour: on a busy machine a short lease could expire before the drain, which is not what is looked at.
        await SubmitAsync(10, TimeSpan.FromHours(1));
        TaskCompletionSource began = new();
        using Worker worker = WorkerWith(new Handler(async (_, stop) =>
        {
            began.TrySetResult();
            await Task.Delay(Timeout.Infinite, stop);
            throw new InvalidOperationException("Unreachable.");
        }));

        Task working = worker.RunAsync(_drain.Token);
        await began.Task;
        await _drain.CancelAsync();
        await working;

        Page<TaskView> tasks = (await _local.Engine.ListTasksAsync(Job, new TaskQuery(), null, 10, default)).Value!;
        Assert.All(tasks.Items, t => Assert.Equal(("ready", 0, 0, 0), (
            t.State, t.Attempts, t.LeasesLost, t.LeasesExpired)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3_600)] // How soon it hears of it does not depend on the lease.
    public async Task A_cancelled_job_stops_what_runs(int leaseSeconds)
    {
        await SubmitAsync(1, TimeSpan.FromSeconds(leaseSeconds));
        TaskCompletionSource began = new();
        using Worker worker = WorkerWith(new Handler(async (_, stop) =>
        {
            began.TrySetResult();
            await Task.Delay(Timeout.Infinite, stop);
            throw new InvalidOperationException("Unreachable.");
        }));

        Task working = worker.RunAsync(_drain.Token);
        await began.Task;
        Stopwatch took = Stopwatch.StartNew();
        await _local.Engine.CancelAsync(Job, default);
        JobSummary job = await UntilEndedAsync();
        Assert.True(took.Elapsed < TimeSpan.FromSeconds(8), $"It took {took.Elapsed}.");
        await _drain.CancelAsync();
        await working;

        Assert.Equal("cancelled", job.State);
    }

    [Fact]
    public async Task Never_more_is_begun_and_not_recorded_than_twice_the_slots()
    {
        await SubmitAsync(500);
        int begun = 0;
        int most = 0;
        Worker worker = null!;
        worker = WorkerWith(new Handler(async (_, _) =>
        {
            int unrecorded = Interlocked.Increment(ref begun) - (int)worker.Settled;
            most = Math.Max(most, unrecorded);
            await Task.Yield();
            return new Settlement.Succeeded(Payload.None);
        }));

        Task working = worker.RunAsync(_drain.Token);
        await UntilEndedAsync();
        await _drain.CancelAsync();
        await working;
        worker.Dispose();

        Assert.InRange(most, 1, 2 * 4);
    }

    [Fact]
    public async Task A_worker_whose_agent_registered_again_elsewhere_ends()
    {
        using Worker first = WorkerWith(new Handler((_, _) => throw new InvalidOperationException()));
        using Worker second = WorkerWith(new Handler((_, _) => throw new InvalidOperationException()));
        Task working = first.RunAsync(CancellationToken.None);
        await Until(async () => (await _local.Engine.ListAgentsAsync(default)).Count == 1);

        Task successor = second.RunAsync(_drain.Token);

        WorkerException end = await Assert.ThrowsAsync<WorkerException>(() => working);
        Assert.Equal(RejectionCode.AgentSuperseded, end.Code);
        await _drain.CancelAsync();
        await successor;
    }

    private static async Task Until(Func<Task<bool>> isTrue)
    {
        for (int i = 0; !await isTrue(); i++)
        {
            Assert.True(i < 1_000, "It did not become true.");
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    private Worker WorkerWith(ITaskHandler handler) => new(
        _local.Engine,
        new WorkerOptions { Agent = new AgentId("a"), Kinds = ["k"], Slots = 4, Ahead = 4, IsInProcess = true },
        handler,
        TimeProvider.System);

    private async Task SubmitAsync(int count, TimeSpan? lease = null)
    {
        RetryPolicy quick = new() { AttemptsMax = 2, First = TimeSpan.Zero };
        JobHeader header = new(
            "", new JobPolicy { Retry = quick, LeaseLength = lease ?? TimeSpan.FromSeconds(1) },
            ImmutableSortedDictionary<string, string>.Empty);
        Reply<SubmitReceipt> reply = await _local.Engine.SubmitAsync(
            new JobSubmission(Job, header, [.. Enumerable.Repeat(new TaskSpec { Kind = "k" }, count)]), default);
        Assert.True(reply.IsAccepted);
    }

    private async Task<JobSummary> UntilEndedAsync()
    {
        JobSummary? job = null;
        await Until(async () =>
            (job = (await _local.Engine.GetJobAsync(Job, null, default)).Value) is { IsEnded: true });
        return job!;
    }

    private sealed class Handler(Func<LeasedTask, CancellationToken, Task<Settlement>> handle) : ITaskHandler
    {
        public async ValueTask<Settlement> HandleAsync(LeasedTask task, CancellationToken stop) =>
            await handle(task, stop);
    }
}
