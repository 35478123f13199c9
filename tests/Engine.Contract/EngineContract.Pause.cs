using Elasticity.Domain;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Pause_GivesNoNewLeasesAndRunningOnesGoOn()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(3));
        LeasedTask task = await agent.LeaseOneAsync();
        Assert.True(Accepted(await Engine.PauseAsync(job, Ct)).IsPaused);
        await HalfWayAsync();

        Assert.Empty(await agent.LeaseAsync());
        Assert.Null(await agent.SucceedAsync(task));
        Assert.True((await JobAsync(job)).IsPaused);
        Assert.Contains(await Engine.DiagnoseAsync(Ct), f => f is { Code: "job-paused" } && f.Subject == job.Value);
        Assert.Equal(2, (await QueueAsync())!.Ready);

        await HalfWayAsync();
        Assert.False(Accepted(await Engine.ResumeAsync(job, Ct)).IsPaused);
        Assert.Equal([1, 2], (await agent.LeaseAsync(9)).Select(t => t.Task.Index));
    }

    [ContractFact]
    public async Task Pause_OfAJobThatIsBeingCancelledIsNoFinding()
    {
        MayDie();
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(2));
        await agent.LeaseOneAsync();
        Accepted(await Engine.PauseAsync(job, Ct));
        Accepted(await Engine.CancelAsync(job, Ct));

        Assert.Equal("cancelling", (await JobAsync(job)).State);
        Assert.DoesNotContain(await Engine.DiagnoseAsync(Ct), f => f is { Code: "job-paused" });
    }

    [ContractFact]
    public async Task Pause_OfAnOldJobIsFoundBehindManyOthers()
    {
        MayDie();
        JobId job = await SubmitAsync(Specs(1));
        Accepted(await Engine.PauseAsync(job, Ct));
        for (int i = 0; i < 120; i++)
        {
            await SubmitAsync(Specs(1));
        }

        Assert.Contains(await Engine.DiagnoseAsync(Ct), f => f is { Code: "job-paused" } && f.Subject == job.Value);
    }

    [ContractFact]
    public async Task Pause_LastsOverARestart()
    {
        MayDie();
        Member agent = await RegisterAsync();
        JobId paused = await SubmitAsync(Specs(2));
        JobId other = await SubmitAsync(Specs(1));
        Accepted(await Engine.PauseAsync(paused, Ct));
        await Harness.RestartAsync(Ct);

        Assert.Equal([other], (await agent.LeaseAsync(9)).Select(t => t.Task.Job));
        Accepted(await Engine.ResumeAsync(paused, Ct));
        await Harness.RestartAsync(Ct);
        Assert.Equal([paused, paused], (await agent.LeaseAsync(9)).Select(t => t.Task.Job));
    }

    [ContractFact]
    public async Task Pause_HoldsBackWhatComesBack()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Spec(), Spec(), Spec(after: 0));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(2)];
        Accepted(await Engine.PauseAsync(job, Ct));
        await HalfWayAsync();
        Assert.Null(await agent.SucceedAsync(tasks[0])); // Sets free the third.
        Assert.Null(await agent.FailAsync(tasks[1]));
        await Harness.AdvanceAsync(BackOff, Ct);
        Assert.Empty(await agent.LeaseAsync(9));

        Task<Reply<LeaseGrant>> waiting = await agent.WaitForOneAsync();
        Accepted(await Engine.ResumeAsync(job, Ct));
        Assert.Single(Accepted(await waiting).Tasks);
    }

    [ContractFact]
    public async Task Pause_Twice_IsNoEvent()
    {
        JobId job = await SubmitAsync(Specs(1));
        Accepted(await Engine.ResumeAsync(job, Ct));
        long before = Accepted(await Engine.PauseAsync(job, Ct)).Version;
        await HalfWayAsync();
        Assert.Equal(before, Accepted(await Engine.PauseAsync(job, Ct)).Version);
        Assert.Equal(before + 1, Accepted(await Engine.ResumeAsync(job, Ct)).Version);
    }

    [ContractFact]
    public async Task Pause_OfAJobThatEnded_IsRefused()
    {
        MayDie();
        JobId job = await SubmitAsync();
        Refused(RejectionCode.JobState, await Engine.PauseAsync(job, Ct));
        Refused(RejectionCode.JobState, await Engine.ResumeAsync(job, Ct));
        Refused(RejectionCode.JobUnknown, await Engine.PauseAsync(new JobId("nowhere"), Ct));
        Refused(RejectionCode.JobUnknown, await Engine.ResumeAsync(new JobId("nowhere"), Ct));
    }
}
