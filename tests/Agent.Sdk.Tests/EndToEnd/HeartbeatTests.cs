using Elasticity.Agent.Sdk.Tests.Support;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine.Contract;
using Xunit;

namespace Elasticity.Agent.Sdk.Tests.EndToEnd;

/// <summary>Heartbeats over a real network, on clocks that the test moves. All slots are busy, so that the agent has
/// nothing to say but them.</summary>
public sealed class HeartbeatTests : IAsyncLifetime
{
    /// <summary>A heartbeat is due at a third of the lease, 30 seconds.</summary>
    private static readonly TimeSpan Third = TimeSpan.FromSeconds(10);

    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly TaskCompletionSource _running = new();
    private readonly TaskCompletionSource _done = new();
    private readonly TaskCompletionSource<StopReason> _stopped = new();
    private Site _site = null!;
    private Worker _worker = null!;
    private JobId _job;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync(_time);
        _worker = await Worker.StartAsync(
            _site.Address, a => a.AddHandler<int>("count", HandleAsync), o => o.Slots = 1, _time);
        _job = await _site.SubmitAsync(1);
        await _running.Task;
    }

    public async Task DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _site.DisposeAsync();
    }

    [Fact]
    public async Task A_handler_that_runs_for_many_leases_keeps_its_lease()
    {
        for (int i = 0; i < 12; i++)
        {
            await _site.PassAsync(Third);
        }

        _done.SetResult();
        Assert.Equal(JobWord.Succeeded, (await _site.EndOfAsync(_job)).State);
        Assert.Equal(["task-leased-1", "task-succeeded-1"], await _site.HistoryAsync(_job));
    }

    [Fact]
    public async Task A_running_task_of_a_cancelled_job_is_asked_to_stop_and_knows_why()
    {
        await _site.Engine.CancelAsync(_job, CancellationToken.None);
        await _site.PassAsync(Third);

        Assert.Equal(StopReason.Cancelled, await _stopped.Task);
        Assert.Equal(JobWord.Cancelled, (await _site.EndOfAsync(_job)).State);
        Assert.Equal(TaskWord.Cancelled, (await _site.TaskAsync(_job)).State);
    }

    [Fact]
    public async Task A_handler_goes_on_while_the_server_is_away_for_longer_than_its_lease_and_its_result_counts()
    {
        await _site.StopAsync();
        _time.Advance(TimeSpan.FromSeconds(40));
        await _site.ServeAsync();
        await _site.PassAsync(Third);

        _done.SetResult();
        Assert.Equal(JobWord.Succeeded, (await _site.EndOfAsync(_job)).State);
        Assert.Equal(StopReason.None, await _stopped.Task);
        Assert.Equal(["task-leased-1", "task-succeeded-1"], await _site.HistoryAsync(_job));
    }

    private async Task HandleAsync(int payload, TaskContext context, CancellationToken cancellationToken)
    {
        _running.TrySetResult();
        try
        {
            await _done.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _stopped.TrySetResult(context.StopReason);
        }
    }
}
