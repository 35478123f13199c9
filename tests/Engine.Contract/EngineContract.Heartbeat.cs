using Elasticity.Domain;
using Elasticity.Domain.Leases;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Heartbeat_ExtendsTheLeasesThatItNames()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        await HalfWayAsync();
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal([LeaseAnswer.Renewed], await agent.BeatAsync(task));
            await Harness.AdvanceAsync(Lease / 2, Ct);
        }

        Assert.Null(await agent.SucceedAsync(task));
        Assert.Equal("succeeded", (await JobAsync(job)).State);
    }

    [ContractFact]
    public async Task Heartbeat_ThatOmitsALease_DoesNotRevokeIt()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(2));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(2)];
        Assert.Equal([LeaseAnswer.Renewed, LeaseAnswer.Renewed], await agent.BeatAsync(tasks));
        await HalfWayAsync();
        Assert.Equal([LeaseAnswer.Renewed], await agent.BeatAsync(tasks[0]));

        Assert.Null(await agent.SucceedAsync(tasks[1]));
        Assert.Equal(1, (await JobAsync(job)).Counts.Succeeded);
    }

    [ContractFact]
    public async Task Heartbeat_ThatOmitsALease_DoesNotExtendIt()
    {
        MayDie();
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(2));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(2)];
        await agent.BeatAsync(tasks);
        await Harness.AdvanceAsync(Lease * 0.75, Ct);
        await agent.BeatAsync(tasks[0]);
        await Harness.AdvanceAsync(Lease * 0.75, Ct);

        Assert.Equal("leased", (await TaskAsync(job, 0)).State);
        Assert.Equal(1, (await TaskAsync(job, 1)).LeasesExpired);
    }

    [ContractFact]
    public async Task Heartbeat_StoresNoEvent()
    {
        MayDie();
        Member agent = await RegisterAsync();
        await SubmitAsync(Specs(3));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(3)];
        long before = await EventCountAsync();
        for (int i = 0; i < 20; i++)
        {
            await agent.BeatAsync(tasks);
        }

        Assert.Equal(before, await EventCountAsync());
    }

    [ContractFact]
    public async Task Heartbeat_OfACancelledTask_IsToldSo()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        Accepted(await Engine.CancelAsync(job, Ct));
        await HalfWayAsync();

        await EventuallyAsync(
            async () => (await agent.BeatAsync(task)).Single() == LeaseAnswer.CancelRequested, "the agent is told");
        Assert.Equal([LeaseAnswer.CancelRequested], await agent.BeatAsync(task));
    }

    [ContractFact]
    public async Task Heartbeat_OfALeaseThatIsOver_IsToldSo()
    {
        Member agent = await RegisterAsync();
        Member other = await RegisterAsync();
        await SubmitAsync(Specs(2));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(2)];
        Assert.Null(await agent.GiveBackAsync(tasks[0]));
        Assert.Null(await agent.SucceedAsync(tasks[1]));
        LeasedTask taken = await other.LeaseOneAsync();
        await HalfWayAsync();

        LeasedTask nowhere = tasks[0] with { Task = new TaskId(new JobId("nowhere"), 0) };
        LeasedTask never = tasks[0] with { Token = 99 };
        Assert.Equal(
            [LeaseAnswer.Lost, LeaseAnswer.Lost, LeaseAnswer.Lost, LeaseAnswer.Lost, LeaseAnswer.Lost],
            await agent.BeatAsync(tasks[0], tasks[1], taken, nowhere, never));
        Assert.Equal([LeaseAnswer.Renewed], await other.BeatAsync(taken));
    }

    [ContractFact]
    public async Task Heartbeat_OfAnUnknownSession_IsRefused()
    {
        MayDie();
        Member agent = await RegisterAsync();
        Refused(
            RejectionCode.SessionUnknown,
            await Engine.HeartbeatAsync(new Heartbeat(new AgentId("nobody"), agent.Session, []), Ct));
        Refused(
            RejectionCode.AgentSuperseded,
            await Engine.HeartbeatAsync(new Heartbeat(agent.Id, new SessionId("other"), []), Ct));
    }

    [ContractFact]
    public async Task Heartbeat_ShowsProgress()
    {
        MayDie();
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();

        await BeatWithAsync(agent, task, "half of it");
        Assert.Equal("half of it", (await TaskAsync(job)).Progress);
        await BeatWithAsync(agent, task, null);
        Assert.Equal("half of it", (await TaskAsync(job)).Progress);
        await BeatWithAsync(agent, task, new string('x', 10_000));
        Assert.Equal(new string('x', 256), (await TaskAsync(job)).Progress);
    }

    [ContractFact]
    public async Task Heartbeat_TellsThatTheSessionDrains()
    {
        Member agent = await RegisterAsync();
        Assert.False(Accepted(await agent.TryBeatAsync()).IsDraining);
        Accepted(await Engine.DrainAsync(agent.Id, agent.Session, Ct));
        await HalfWayAsync();
        Assert.True(Accepted(await agent.TryBeatAsync()).IsDraining);
    }

    [ContractFact]
    public async Task Heartbeat_OfTooManyLeases_IsRefused()
    {
        MayDie();
        Member agent = await RegisterAsync();
        HeldLease held = new(new TaskId(new JobId("nowhere"), 0), 1);
        Heartbeat beat = new(agent.Id, agent.Session, [.. Enumerable.Repeat(held, Heartbeat.LeasesMax + 1)]);

        Refused(RejectionCode.LimitExceeded, await Engine.HeartbeatAsync(beat, Ct));
        Assert.Empty(Accepted(await Engine.HeartbeatAsync(beat with { Leases = default }, Ct)).Leases);
    }

    private async Task BeatWithAsync(Member agent, LeasedTask task, string? progress) => Accepted(
        await Engine.HeartbeatAsync(
            new Heartbeat(agent.Id, agent.Session, [new HeldLease(task.Task, task.Token, progress)]), Ct));
}
