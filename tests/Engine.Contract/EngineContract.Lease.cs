using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Lease_GivesTasksInTheirOrder()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(5));
        Assert.Equal([0, 1], (await agent.LeaseAsync(2)).Select(t => t.Task.Index));
        await HalfWayAsync();
        Assert.Equal([2, 3, 4], (await agent.LeaseAsync(10)).Select(t => t.Task.Index));
        Assert.Empty(await agent.LeaseAsync(10));
        Assert.Equal(5, (await JobAsync(job)).Counts.Released);
    }

    [ContractFact]
    public async Task Lease_TellsEverythingThatTheAgentNeeds()
    {
        Member agent = await RegisterAsync();
        TaskSpec named = Spec() with { Name = "first", Payload = Json("""{"a": [1, "ü"]}""") };
        JobId job = await SubmitAsync(named with { LeaseLength = TimeSpan.FromMinutes(3) });
        await HalfWayAsync();

        LeasedTask task = await agent.LeaseOneAsync();
        Assert.Equal(
            new LeasedTask(
                new TaskId(job, 0), "first", Kind, Json("""{"a": [1, "ü"]}"""), 1, 1, 1, TimeSpan.FromMinutes(3)),
            task);
    }

    [ContractFact]
    public async Task Lease_GivesGreaterPriorityFirst()
    {
        Member agent = await RegisterAsync();
        JobId low = await SubmitAsync(new JobPolicy { Priority = -5 }, Specs(1));
        JobId mixed = await SubmitAsync(Spec(), Spec() with { Priority = 7 }, Spec() with { Priority = -9 });
        JobId high = await SubmitAsync(new JobPolicy { Priority = 3 }, Specs(1));
        await HalfWayAsync();

        Assert.Equal(
            [new TaskId(mixed, 1), new(high, 0), new(mixed, 0), new(low, 0), new(mixed, 2)],
            (await agent.LeaseAsync(9)).Select(t => t.Task));
    }

    [ContractFact]
    public async Task Lease_TakesTurnsBetweenJobs()
    {
        Member agent = await RegisterAsync();
        JobId large = await SubmitAsync(Specs(100));
        JobId small = await SubmitAsync(Specs(2));
        await HalfWayAsync();

        IEnumerable<TaskId> given = (await agent.LeaseAsync(6)).Select(t => t.Task);
        Assert.Equal(2, given.Count(t => t.Job == small));
        Assert.Equal([0, 1, 2, 3], given.Where(t => t.Job == large).Select(t => t.Index));
    }

    [ContractFact]
    public async Task Lease_GivesOnlyTheKindsOfferedAndAskedFor()
    {
        Member agent = await RegisterAsync("a", "b");
        JobId job = await SubmitAsync(
            [.. new[] { "c", "b", "a", "b" }.Select(kind => Spec() with { Kind = kind })]);
        await HalfWayAsync();

        Assert.Equal([new TaskId(job, 2)], (await agent.LeaseAsync(9, "a")).Select(t => t.Task));
        Assert.Equal([1, 3], (await agent.LeaseAsync(9)).Select(t => t.Task.Index));
        Assert.Empty(await agent.LeaseAsync(9));
    }

    /// <summary>However many others ask in between, and wait for what is not there.</summary>
    [ContractFact]
    public async Task Lease_TakesTurnsBetweenKinds()
    {
        Member idle = await RegisterAsync("c");
        Member agent = await RegisterAsync("a", "b");
        await SubmitAsync([.. Enumerable.Range(0, 24).Select(i => Spec() with { Kind = i < 12 ? "a" : "b" })]);
        await HalfWayAsync();
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Task<Reply<LeaseGrant>> waiting = Engine.LeaseAsync(idle.Ask(1, Forever), over.Token).AsTask();

        List<string> given = [];
        for (int i = 0; i < 8; i++)
        {
            given.Add((await agent.LeaseOneAsync()).Kind);
        }

        // One whose next task has to be read first is passed over meanwhile.
        Assert.InRange(given.Count(kind => kind == "b"), 2, 6);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [ContractFact]
    public async Task Lease_OfAKindThatTheAgentDoesNotOffer_IsRefused()
    {
        MayDie();
        Member agent = await RegisterAsync("a");
        await SubmitAsync(Spec() with { Kind = "b" });

        Refused(RejectionCode.Invalid, await Engine.LeaseAsync(agent.Ask(1, default, "b"), Ct));
    }

    [ContractFact]
    public async Task Lease_OfMoreKindsThanTheAgentOffers_IsRefused()
    {
        MayDie();
        Member agent = await RegisterAsync("a");

        Refused(RejectionCode.Invalid, await Engine.LeaseAsync(agent.Ask(1, default, "a", "a"), Ct));
    }

    [ContractFact]
    public async Task Lease_WithoutTasks_IsAnsweredWhenTheWaitIsOver()
    {
        MayDie();
        Member agent = await RegisterAsync();
        Assert.Empty(await agent.LeaseAsync());

        Task<Reply<LeaseGrant>> answer = Engine.LeaseAsync(agent.Ask(1, TimeSpan.FromSeconds(2)), Ct).AsTask();
        await Harness.AdvanceAsync(TimeSpan.FromSeconds(1), Ct);
        Assert.False(answer.IsCompleted);
        await Harness.AdvanceAsync(TimeSpan.FromSeconds(2), Ct);
        Assert.Empty(Accepted(await answer).Tasks);
    }

    [ContractFact]
    public async Task Lease_ThatWaits_IsWokenByASubmit()
    {
        MayDie();
        Member first = await RegisterAsync();
        Member second = await RegisterAsync();
        Task<Reply<LeaseGrant>> one = await first.WaitForOneAsync();
        Task<Reply<LeaseGrant>> two = await second.WaitForOneAsync();
        Assert.Equal(2, (await QueueAsync())!.Waiting);

        JobId job = await SubmitAsync(Specs(1));
        Task<Reply<LeaseGrant>> served = await Task.WhenAny(one, two);
        Assert.Equal(new TaskId(job, 0), Assert.Single(Accepted(await served).Tasks).Task);
        if (Harness.IsAtomic)
        {
            // In a cluster who is woken second may be faster: if a sweep offers the task, too.
            Assert.Same(one, served);
        }

        Task<Reply<LeaseGrant>> other = served == one ? two : one;
        Assert.False(other.IsCompleted);
        JobId next = await SubmitAsync(Specs(1));
        Assert.Equal(new TaskId(next, 0), Assert.Single(Accepted(await other).Tasks).Task);
    }

    [ContractFact]
    public async Task Lease_ThatWaits_IsWokenByATaskGivenBack()
    {
        MayDie();
        Member first = await RegisterAsync();
        Member second = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        LeasedTask task = await first.LeaseOneAsync();
        Task<Reply<LeaseGrant>> waiting = await second.WaitForOneAsync();

        Assert.Null(await first.GiveBackAsync(task));
        Assert.Equal((new TaskId(job, 0), 2L), Accepted(await waiting).Tasks.Select(t => (t.Task, t.Token)).Single());
    }

    [ContractFact]
    public async Task Lease_Repeated_GivesTheSameLeases()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(5));
        LeaseRequest request = agent.Ask(3);
        ImmutableArray<LeasedTask> given = Accepted(await Engine.LeaseAsync(request, Ct)).Tasks;
        await HalfWayAsync();

        ImmutableArray<LeasedTask> again = Accepted(await Engine.LeaseAsync(request, Ct)).Tasks;
        Assert.Equal(given, again.OrderBy(t => t.Task.Index));
        Assert.Null(await agent.SucceedAsync(given[1]));
        await Harness.RestartAsync(Ct);
        again = Accepted(await Engine.LeaseAsync(request, Ct)).Tasks;
        Assert.Equal([given[0], given[2]], again.OrderBy(t => t.Task.Index));
        Assert.Equal([3, 4], (await agent.LeaseAsync(9)).Select(t => t.Task.Index));
        Assert.Equal(["task-leased-1"], await TypesAsync(new TaskId(job, 0)));
    }

    [ContractFact]
    public async Task Lease_RepeatedWhileItWaits_IsWaitedForOnce()
    {
        MayDie();
        Member agent = await RegisterAsync();
        LeaseRequest request = agent.Ask(1, Forever);
        Task<Reply<LeaseGrant>> first = Engine.LeaseAsync(request, Ct).AsTask();
        await Harness.AdvanceAsync(TimeSpan.Zero, Ct);
        Task<Reply<LeaseGrant>> second = Engine.LeaseAsync(request, Ct).AsTask();

        Assert.Empty(Accepted(await first).Tasks);
        await SubmitAsync(Specs(2));
        Assert.Equal(0, Assert.Single(Accepted(await second).Tasks).Task.Index);
    }

    [ContractFact]
    public async Task Lease_Abandoned_SwallowsNoTask()
    {
        MayDie();
        Member gone = await RegisterAsync();
        Member agent = await RegisterAsync();
        using CancellationTokenSource cancel = new();
        Task<Reply<LeaseGrant>> abandoned = await gone.WaitForOneAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
        await Harness.AdvanceAsync(TimeSpan.Zero, Ct);

        JobId job = await SubmitAsync(Specs(1));
        Assert.Equal((new TaskId(job, 0), 1L), (await agent.LeaseAsync()).Select(t => (t.Task, t.Token)).Single());
    }

    [ContractFact]
    public async Task Lease_AbandonedAtOnce_SwallowsNoTask()
    {
        MayDie();
        Member gone = await RegisterAsync();
        Member agent = await RegisterAsync();
        for (int i = 0; i < 100; i++)
        {
            using CancellationTokenSource cancel = new();
            Task<Reply<LeaseGrant>> abandoned = Engine.LeaseAsync(gone.Ask(1, Forever), cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
            await Harness.AdvanceAsync(TimeSpan.Zero, Ct);
            await EventuallyAsync(async () => (await QueueAsync())!.Waiting == 0, "nobody waits any more");
        }

        await SubmitAsync(Specs(1));
        Assert.Equal(1, (await agent.LeaseOneAsync()).Token);
    }

    [ContractFact]
    public async Task Lease_PastTheCapOfTheSession_WaitsForRoom()
    {
        Member agent = await RegisterAsync();
        Member other = await RegisterAsync();
        await SubmitAsync(Specs(LeasesPerSessionMax + 2));
        List<LeasedTask> held = await agent.LeaseAllAsync();
        Assert.Equal(LeasesPerSessionMax, held.Count);
        await HalfWayAsync();

        Task<Reply<LeaseGrant>> waiting = await agent.WaitForOneAsync();
        Assert.Single(await other.LeaseAsync());
        Assert.Null(await agent.SucceedAsync(held[0]));
        Assert.Single(Accepted(await waiting).Tasks);
    }

    [ContractFact]
    public async Task Lease_WithImpossibleArguments_IsRefused()
    {
        MayDie();
        Member agent = await RegisterAsync();
        LeaseRequest request = agent.Ask();
        foreach (LeaseRequest bad in (LeaseRequest[])
            [
                request with { Max = 0 },
                request with { Max = LeaseRequest.MaxLimit + 1 },
                request with { Wait = LeaseRequest.WaitLimit + TimeSpan.FromTicks(1) },
                request with { Wait = TimeSpan.FromTicks(-1) },
                request with { RequestId = string.Empty },
                request with { RequestId = "a/b" },
                request with { RequestId = new string('r', 129) },
            ])
        {
            Refused(RejectionCode.Invalid, await Engine.LeaseAsync(bad, Ct));
        }
    }

    [ContractFact]
    public async Task Lease_ByAnUnknownSession_IsRefused()
    {
        MayDie();
        Member agent = await RegisterAsync();
        LeaseRequest request = agent.Ask();

        LeaseRequest ofNobody = request with { Agent = new AgentId("nobody") };
        LeaseRequest ofAnother = request with { Session = new SessionId("other") };
        Refused(RejectionCode.SessionUnknown, await Engine.LeaseAsync(ofNobody, Ct));
        Refused(RejectionCode.AgentSuperseded, await Engine.LeaseAsync(ofAnother, Ct));
    }

    [ContractFact]
    public async Task Lease_OfManyAgents_GivesEachTaskOnce()
    {
        MayDie();
        const int Agents = 10;
        Member[] agents = await Task.WhenAll(Enumerable.Range(0, Agents).Select(_ => RegisterAsync()));
        await SubmitAsync(Specs(1_200));

        List<LeasedTask>[] given = await Task.WhenAll(agents.Select(a => a.LeaseAllAsync()));
        Assert.Equal([.. Enumerable.Range(0, 1_200)], given.SelectMany(g => g).Select(t => t.Task.Index).Order());
    }
}
