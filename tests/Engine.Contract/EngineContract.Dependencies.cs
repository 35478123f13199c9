using Elasticity.Domain;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Dependencies_OfADiamond_RunInTheirOrder()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Spec(after: [1, 2]), Spec(after: 3), Spec(after: 3), Spec());
        Assert.Equal(["blocked", "blocked", "blocked", "ready"], await StatesAsync(job));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(9)];
        Assert.Equal([3], tasks.Select(t => t.Task.Index));
        await HalfWayAsync();
        Assert.Null(await agent.SucceedAsync(tasks[0]));

        tasks = [.. await agent.LeaseAsync(9)];
        Assert.Equal([1, 2], tasks.Select(t => t.Task.Index));
        Assert.Null(await agent.SucceedAsync(tasks[1]));
        await HalfWayAsync();
        Assert.Empty(await agent.LeaseAsync(9));
        Assert.Null(await agent.SucceedAsync(tasks[0]));
        await HalfWayAsync();
        Assert.Null(await agent.SucceedAsync(await agent.LeaseOneAsync()));
        Assert.Equal("succeeded", (await JobAsync(job)).State);
        Assert.Equal([1, 2], (await TaskAsync(job, 0)).DependsOn.AsEnumerable());
    }

    [ContractFact]
    public async Task Dependencies_ThatEndBadly_SkipEverythingBehindThem()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Spec(), Spec(after: 0), Spec(after: 1), Spec(after: [2, 4]), Spec());
        LeasedTask[] tasks = [.. await agent.LeaseAsync(9)];
        Assert.Null(await agent.FailAsync(tasks[0], isFinal: true));
        await HalfWayAsync();

        await JobIsAsync("open", job, j => j.Counts.Skipped == 3);
        Assert.Equal(["dead-lettered", "skipped", "skipped", "skipped", "leased"], await StatesAsync(job));
        Assert.Equal(0, (await TaskAsync(job, 1)).SkipCause);
        Assert.Equal(1, (await TaskAsync(job, 2)).SkipCause);
        Assert.Equal(2, (await TaskAsync(job, 3)).SkipCause);
        Assert.Equal(["task-skipped-1"], await TypesAsync(new TaskId(job, 3)));
        Assert.Null(await agent.SucceedAsync(tasks[1]));
        Assert.Equal("failed", (await JobAsync(job)).State);
    }

    [ContractFact]
    public async Task Dependencies_ThatAreRedriven_BringTheSkippedBack()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Spec(), Spec(after: 0), Spec(after: 1), Spec(), Spec(after: [1, 3]));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(9)];
        Assert.Null(await agent.FailAsync(tasks[0], isFinal: true));
        Assert.Null(await agent.FailAsync(tasks[1], isFinal: true));
        await JobIsAsync("failed", job);
        await HalfWayAsync();

        // The last one stays skipped: its other dependency is still a dead letter.
        Accepted(await Engine.RedriveAsync(job, 0, null, Ct));
        Assert.Equal(["ready", "blocked", "blocked", "dead-lettered", "skipped"], await StatesAsync(job));
        await HalfWayAsync();
        Assert.Equal([0], await SucceedNextAsync(agent));
        Assert.Equal([1], await SucceedNextAsync(agent));
        await HalfWayAsync();
        Assert.Equal([2], await SucceedNextAsync(agent));
        Assert.Equal("failed", (await JobAsync(job)).State);

        Accepted(await Engine.RedriveAsync(job, null, null, Ct));
        Assert.Equal([3], await SucceedNextAsync(agent));
        Assert.Equal([4], await SucceedNextAsync(agent));
        JobSummary summary = await JobAsync(job);
        Assert.Equal(("succeeded", 5), (summary.State, summary.Counts.Succeeded));
    }

    [ContractFact]
    public async Task Dependencies_ThatAreCancelled_SkipNothingButCancel()
    {
        JobId job = await SubmitAsync(Spec(), Spec(after: 0));
        Accepted(await Engine.CancelAsync(job, Ct));
        await HalfWayAsync();
        JobSummary summary = await JobIsAsync("cancelled", job);
        Assert.Equal(2, summary.Counts.Cancelled);
    }

    [ContractFact]
    public async Task Dependencies_OfALongChain_AreSkippedToTheEnd()
    {
        const int Length = 1_500;
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(
            [.. Enumerable.Range(0, Length).Select(i => i == 0 ? Spec() : Spec(after: i - 1))]);
        Assert.Null(await agent.FailAsync(await agent.LeaseOneAsync(), isFinal: true));
        await HalfWayAsync();
        JobSummary summary = await JobIsAsync("failed", job);
        Assert.Equal(Length - 1, summary.Counts.Skipped);
    }

    [ContractFact]
    public async Task Dependencies_OfOneTaskWithManyDependents_AreSetFreeTogether()
    {
        const int Count = 2_500;
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(
            [Spec(), .. Enumerable.Range(1, Count).Select(_ => Spec(after: 0)), Spec(after: [1, Count])]);
        Assert.Equal([0], await SucceedNextAsync(agent));
        await HalfWayAsync();
        Assert.Equal(Count, (await QueueAsync())!.Ready);
        Assert.Equal(Enumerable.Range(1, 5), (await agent.LeaseAsync(5)).Select(t => t.Task.Index));
        Assert.Equal(1, (await JobAsync(job)).Counts.Blocked);
    }

    private static async Task<IEnumerable<int>> SucceedNextAsync(Member agent)
    {
        LeasedTask[] tasks = [.. await agent.LeaseAsync(9)];
        Assert.All(await agent.SucceedAllAsync(tasks), Assert.Null);
        return tasks.Select(t => t.Task.Index);
    }
}
