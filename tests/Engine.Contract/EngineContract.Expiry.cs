using Elasticity.Domain;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Lease_ConfirmedAndThenSilent_ExpiresAndIsCounted()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        await HalfWayAsync();
        await agent.BeatAsync(task);
        await Harness.AdvanceAsync(Lease, Ct);

        TaskView view = await TaskIsAsync("ready", task.Task);
        Assert.Equal((1, 0, 0), (view.LeasesExpired, view.LeasesLost, view.Attempts));
        Assert.Equal([LeaseAnswer.Lost], await agent.BeatAsync(task));
        LeasedTask again = await agent.LeaseOneAsync();
        Assert.Equal((1, 2L), (again.Attempt, again.Token));
        Assert.Null(await agent.SucceedAsync(again));
        Assert.Equal(
            ["task-leased-1", "task-expired-1", "task-leased-1", "task-succeeded-1"],
            await TypesAsync(new TaskId(job, 0)));
    }

    [ContractFact]
    public async Task Lease_NeverConfirmed_IsLost()
    {
        Member agent = await RegisterAsync();
        await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        await Harness.AdvanceAsync(Lease / 2, Ct);
        await HalfWayAsync();
        Assert.Equal("leased", (await TaskAsync(task.Task)).State);
        await Harness.AdvanceAsync(Lease, Ct);

        TaskView view = await TaskIsAsync("ready", task.Task);
        Assert.Equal((0, 1, 0), (view.LeasesExpired, view.LeasesLost, view.Attempts));
        Assert.Equal("unconfirmed", ContentOf((await EventsAsync(task.Task))[^1]).GetProperty("reason").GetString());
    }

    [ContractFact]
    public async Task Lease_ThatIsBeingWorkedOn_OutlivesManyRestarts()
    {
        MayDie();
        Member agent = await RegisterAsync();
        await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        await agent.BeatAsync(task);
        for (int i = 0; i < 4; i++)
        {
            await Harness.AdvanceAsync(Lease * 0.7, Ct);
            await Harness.RestartAsync(Ct);
            await Harness.AdvanceAsync(Lease * 0.7, Ct);
            Assert.Equal([LeaseAnswer.Renewed], await agent.BeatAsync(task));
        }

        Assert.Null(await agent.SucceedAsync(task));
    }

    [ContractFact]
    public async Task Lease_OfASilentAgent_EndsOneLengthAfterARestart()
    {
        MayDie();
        Member agent = await RegisterAsync();
        await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        await agent.BeatAsync(task);
        await Harness.AdvanceAsync(Lease / 2, Ct);
        await Harness.RestartAsync(Ct);
        await Harness.AdvanceAsync(Lease / 2, Ct);
        Assert.Equal("leased", (await TaskAsync(task.Task)).State);
        await Harness.AdvanceAsync(Lease / 2, Ct);

        await TaskIsAsync("ready", task.Task);
    }

    [ContractFact]
    public async Task Lease_ThatExpiresFiveTimes_MakesThePoisonousTaskADeadLetter()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        for (int i = 1; i <= TaskTerms.ExpiredMax; i++)
        {
            LeasedTask task = await agent.LeaseOneAsync();
            await agent.BeatAsync(task);
            await Harness.AdvanceAsync(Lease, Ct);
            await EventuallyAsync(
                async () => (await TaskAsync(job)).LeasesExpired == i, "the lease expires");
            await HalfWayAsync();
        }

        TaskView view = await TaskAsync(job);
        Assert.Equal(("dead-lettered", "poison", 0), (view.State, view.Reason, view.Attempts));
        Assert.Equal("failed", (await JobAsync(job)).State);
        Assert.Empty(await agent.LeaseAsync());
    }
}
