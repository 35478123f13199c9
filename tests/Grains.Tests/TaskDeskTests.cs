using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.Grains.Tests.Support;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>It does not matter who decides: two desks and the grains write to the same tasks, and the store
/// decides.</summary>
public sealed class TaskDeskTests(ClusterPool pool) : IClassFixture<ClusterPool>, IAsyncLifetime
{
    private static readonly JobId Job = new("desk");
    private static readonly Holder Holder = new(new AgentId("agent"), new SessionId("session"));
    private static readonly TaskSpec Spec = new() { Kind = "resize" };
    private static readonly Settlement Done = new Settlement.Succeeded(Payload.FromJson("1"));

    private readonly ClusterHarness _harness = new(pool, new InMemoryFixture());
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(3));

    public Task InitializeAsync() =>
        _harness.StartAsync(new EngineSettings(Limits.Default, TimeSpan.FromMinutes(10)), _timeout.Token);

    public async Task DisposeAsync()
    {
        await ChainCheckAsync();
        await _harness.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task What_one_desk_granted_another_settles()
    {
        Assert.Equal(1, Granted(await Desk().CommandAsync([Grant(0)])));

        Assert.Null(Told(await Desk().CommandAsync([Settle(0, Done)])).Rejection);
        Assert.Equal(["task-leased-1", "task-succeeded-1"], await TypesAsync(0));
    }

    [Fact]
    public async Task A_desk_that_is_behind_neither_writes_nor_misleads()
    {
        SiloDesk behind = Desk();
        Assert.Equal(1, Granted(await behind.CommandAsync([Grant(0)])));
        Assert.Null(Told(await Desk().CommandAsync([Settle(0, Done)])).Rejection);

        // It still takes the task for leased.
        Settlement other = new Settlement.Succeeded(Payload.FromJson("2"));
        Assert.Equal(RejectionCode.LeaseLost, Told(await behind.CommandAsync([Settle(0, other)])).Rejection?.Code);
        Assert.Null(Told(await behind.CommandAsync([Settle(0, Done)])).Rejection); // The same again is a success.
        Assert.Equal(["task-leased-1", "task-succeeded-1", "task-result-refused-1"], await TypesAsync(0));
    }

    [Fact]
    public async Task One_task_that_somebody_else_took_does_not_hold_up_the_others()
    {
        Assert.Equal(1, Granted(await Desk().CommandAsync([Grant(5)])));

        AmbiguousStore counting = new(_harness.Store);
        TaskReply[] replies = await Desk(counting).CommandAsync([.. Enumerable.Range(0, 256).Select(Grant)]);

        Assert.Equal(255, Granted(replies));
        Assert.Equal(RejectionCode.NotReady, replies[5].Told?.Rejection?.Code);
        Assert.Equal(1 + (2 * 8), counting.Appends); // 256 tasks are halved eight times.
    }

    [Fact]
    public async Task A_command_that_comes_twice_at_once_is_carried_out_once()
    {
        SiloDesk desk = Desk();
        Assert.Equal(1, Granted(await desk.CommandAsync([Grant(0), Grant(0)])));
        TaskReply[] replies = await desk.CommandAsync([Settle(0, Done), Settle(0, Done)]);

        Assert.All(replies, r => Assert.Null(r.Told!.Rejection));
        Assert.Equal(["task-leased-1", "task-succeeded-1"], await TypesAsync(0));
    }

    [Fact]
    public async Task When_the_outcome_of_an_append_is_unknown_it_is_read()
    {
        AmbiguousStore store = new(_harness.Store);
        SiloDesk desk = Desk(store);
        Assert.Equal(2, Granted(await desk.CommandAsync([Grant(0), Grant(1)])));

        store.IsAmbiguous = true; // It stores, and says that it does not know.
        TaskReply[] settled = await desk.CommandAsync([Settle(0, Done), Settle(1, Done)]);
        TaskReply[] granted = await desk.CommandAsync([Grant(2)]);

        Assert.All(settled, r => Assert.Null(r.Told!.Rejection));
        Assert.Equal(1, Granted(granted));
        Assert.Equal(["task-leased-1", "task-succeeded-1"], await TypesAsync(1));
        Assert.Equal(["task-leased-1"], await TypesAsync(2));
    }

    [Fact]
    public async Task What_does_not_fit_in_its_memory_costs_a_grain_and_is_right()
    {
        SiloDesk desk = Desk(options: new GrainsOptions { TasksKnownMax = 4 });
        (TaskId, TaskCommand)[] grants = [.. Enumerable.Range(0, 50).Select(Grant)];
        Assert.Equal(50, Granted(await desk.CommandAsync(grants)));

        TaskReply[] replies = await desk.CommandAsync(
            [.. Enumerable.Range(0, 50).Select(i => Settle(i, Done))]);
        Assert.All(replies, r => Assert.Null(r.Told!.Rejection));
    }

    private static TaskTold Told(TaskReply[] replies) =>
        Assert.Single(replies).Told ?? throw new InvalidOperationException("It could not be reached.");

    private static int Granted(TaskReply[] replies) =>
        replies.Count(r => r.Told is { Rejection: null, Lease: not null });

    private static (TaskId, TaskCommand) Grant(int index) => (
        new TaskId(Job, index),
        new TaskCommand.Grant(default, 1, Holder, "request", Spec.Terms(JobPolicy.Default)));

    private static (TaskId, TaskCommand) Settle(int index, Settlement settlement) =>
        (new TaskId(Job, index), new TaskCommand.Settle(default, Holder, 1, settlement, 0));

    private SiloDesk Desk(IEventStore? store = null, GrainsOptions? options = null) =>
        new(_harness.Grains, store ?? _harness.Store, options ?? new GrainsOptions(), _harness.Clock);

    private async Task<string[]> TypesAsync(int index) =>
    [
        .. (await _harness.Store.ReadStreamAsync(
            StreamNames.Of(new TaskId(Job, index)), 1, 10, withAttachments: false, _timeout.Token))
            .Select(e => e.Record.Type),
    ];

    private Task<long> ChainCheckAsync() => EventStore.Contract.ChainCheck.VerifyAsync(_harness.Store, _timeout.Token);
}
