using System.Collections.Concurrent;
using Elasticity.Agent.Sdk.Tests.Support;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Xunit;

namespace Elasticity.Agent.Sdk.Tests.EndToEnd;

/// <summary>Stopping, restarting and replacing agents and servers.</summary>
public sealed class LifecycleTests : IAsyncLifetime
{
    private Site _site = null!;

    public async Task InitializeAsync() => _site = await Site.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Stopping_waits_for_handlers_and_closes_the_session()
    {
        TaskCompletionSource running = new();
        TaskCompletionSource done = new();
        Worker worker = await Worker.StartAsync(_site.Address, a => a.AddHandler<int, int>(
            "count",
            async (n, _, stop) =>
            {
                running.TrySetResult();
                await done.Task.WaitAsync(stop);
                return n;
            }));
        await using (worker)
        {
            JobId job = await _site.SubmitAsync(1);
            await running.Task;
            Task stopping = worker.StopAsync();
            Assert.False(stopping.IsCompleted);
            done.SetResult();
            await stopping;

            Assert.Equal(TaskWord.Succeeded, (await _site.TaskAsync(job)).State);
            Assert.Empty(await _site.Engine.ListAgentsAsync(CancellationToken.None));
        }
    }

    [Fact]
    public async Task An_agent_moves_to_another_server_when_its_own_cannot_be_used()
    {
        Worker worker = await Worker.StartAsync(
            new Uri("http://127.0.0.1:9"), // Nobody listens there.
            a => a.AddHandler<int, int>("count", (n, _, _) => Task.FromResult(n)),
            o => o.OtherServers.Add(_site.Address));
        await using (worker)
        {
            JobId job = await _site.SubmitAsync(1);
            TaskView done = await _site.UntilAsync(job, (TaskView t) => t.State == TaskWord.Succeeded);
            Assert.Equal(TaskWord.Succeeded, done.State);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_does_not_finish_in_time_is_given_back_without_an_attempt(bool isAtOnce)
    {
        CountdownEvent running = new(4);
        ConcurrentBag<StopReason> reasons = [];
        Worker worker = await Worker.StartAsync(
            _site.Address,
            a => a.AddHandler<int>("count", async (_, context, stop) =>
            {
                running.Signal();
                try
                {
                    await Task.Delay(Timeout.Infinite, stop);
                }
                finally
                {
                    reasons.Add(context.StopReason);
                }
            }),
            o => o.DrainTimeout = TimeSpan.FromMilliseconds(100));
        await using (worker)
        {
            JobId job = await _site.SubmitAsync(4);
            running.Wait(TimeSpan.FromSeconds(30));
            await (isAtOnce ? worker.StopAtOnceAsync() : worker.StopAsync());

            for (int i = 0; i < 4; i++)
            {
                TaskView task = await _site.TaskAsync(job, i);
                Assert.Equal((TaskWord.Ready, 0, 0, 0), (
                    task.State, task.Attempts, task.LeasesLost, task.LeasesExpired));
                Assert.Equal(["task-leased-1", "task-given-back-1"], await _site.HistoryAsync(job, i));
            }

            Assert.All(reasons, r => Assert.Equal(StopReason.Draining, r));
        }
    }

    [Fact]
    public async Task An_agent_goes_on_when_the_server_was_away_in_the_middle()
    {
        ConcurrentBag<int> seen = [];
        TaskCompletionSource some = new();
        await using Worker worker = await Worker.StartAsync(_site.Address, a => a.AddHandler<int, int>(
            "count",
            (n, _, _) =>
            {
                seen.Add(n);
                if (seen.Count > 500)
                {
                    some.TrySetResult();
                }

                return Task.FromResult(n);
            }));
        JobId job = await _site.SubmitAsync(5_000);
        await some.Task;
        await _site.StopAsync();
        await _site.ServeAsync();

        JobSummary end = await _site.EndOfAsync(job);
        Assert.Equal((JobWord.Succeeded, 5_000), (end.State, end.Counts.Succeeded));
        Assert.Equal(Enumerable.Range(0, 5_000), seen.Distinct().Order());
    }

    [Fact]
    public async Task A_handler_that_finished_while_the_server_was_away_has_its_result_recorded()
    {
        TaskCompletionSource running = new();
        TaskCompletionSource done = new();
        await using Worker worker = await Worker.StartAsync(_site.Address, a => a.AddHandler<int, int>(
            "count",
            async (n, _, stop) =>
            {
                running.TrySetResult();
                await done.Task.WaitAsync(stop);
                return n;
            }));
        JobId job = await _site.SubmitAsync(1);
        await running.Task;
        await _site.StopAsync();
        done.SetResult();
        await _site.ServeAsync();

        Assert.Equal(JobWord.Succeeded, (await _site.EndOfAsync(job)).State);
        Assert.Equal(["task-leased-1", "task-succeeded-1"], await _site.HistoryAsync(job));
    }

    [Fact]
    public async Task An_agent_may_start_before_its_server()
    {
        await _site.StopAsync();
        await using Worker worker = await Worker.StartAsync(
            _site.Address, a => a.AddHandler<int, int>("count", (n, _, _) => Task.FromResult(n)));
        await _site.ServeAsync();
        JobId job = await _site.SubmitAsync(10);
        Assert.Equal(JobWord.Succeeded, (await _site.EndOfAsync(job)).State);
    }

    [Fact]
    public async Task A_second_process_with_the_same_id_takes_over_and_the_first_one_stops()
    {
        TaskCompletionSource running = new();
        TaskCompletionSource<StopReason> reason = new();
        await using Worker first = await Worker.StartAsync(_site.Address, a => a.AddHandler<int>(
            "count",
            async (_, context, stop) =>
            {
                running.TrySetResult();
                try
                {
                    await Task.Delay(Timeout.Infinite, stop);
                }
                finally
                {
                    reason.TrySetResult(context.StopReason);
                }
            }));
        JobId job = await _site.SubmitAsync(1);
        await running.Task;
        Task stopping = first.Stopping;

        await using Worker second = await Worker.StartAsync(
            _site.Address, a => a.AddHandler<int, int>("count", (n, _, _) => Task.FromResult(n)));

        await stopping;
        Assert.Equal(StopReason.Lost, await reason.Task);
        Assert.Equal(JobWord.Succeeded, (await _site.EndOfAsync(job)).State);
        Assert.Equal(1, (await _site.TaskAsync(job)).LeasesLost);
    }

    [Fact]
    public async Task An_agent_that_the_server_drains_finishes_and_leaves()
    {
        TaskCompletionSource running = new();
        TaskCompletionSource done = new();
        await using Worker worker = await Worker.StartAsync(_site.Address, a => a.AddHandler<int, int>(
            "count",
            async (n, _, stop) =>
            {
                running.TrySetResult();
                await done.Task.WaitAsync(stop);
                return n;
            }));
        JobId job = await _site.SubmitAsync(1);
        await running.Task;
        AgentView agent = Assert.Single(await _site.Engine.ListAgentsAsync(CancellationToken.None));
        await _site.Engine.DrainAsync(agent.Id, agent.Session, CancellationToken.None);
        done.SetResult();

        Assert.Equal(JobWord.Succeeded, (await _site.EndOfAsync(job)).State);
        while ((await _site.Engine.ListAgentsAsync(CancellationToken.None)).Count > 0)
        {
            await _site.Engine.WaitForNewsAsync(CancellationToken.None);
        }
    }
}
