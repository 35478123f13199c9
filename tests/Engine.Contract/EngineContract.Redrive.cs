using Elasticity.Domain;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Redrive_OfOneTask_DoesItAgainAsANewRun()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(3));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(3)];
        Assert.Null(await agent.FailAsync(tasks[0], isFinal: true));
        Assert.Null(await agent.FailAsync(tasks[1], isFinal: true));
        await HalfWayAsync();
        JobSummary redriven = Accepted(await Engine.RedriveAsync(job, 1, null, Ct));
        Assert.Equal((1, 2), (redriven.Counts.DeadLettered, redriven.Counts.Released));

        await HalfWayAsync();
        LeasedTask again = await agent.LeaseOneAsync();
        Assert.Equal((tasks[1].Task, 2, 1, 2L), (again.Task, again.Run, again.Attempt, again.Token));
        Assert.Equal(RejectionCode.LeaseLost, (await agent.SucceedAsync(tasks[1]))?.Code);
        Assert.Null(await agent.SucceedAsync(again));
        Assert.Null(await agent.SucceedAsync(tasks[2]));
        Assert.Equal("failed", (await JobAsync(job)).State);
        Assert.Equal(["dead-lettered", "succeeded", "succeeded"], await StatesAsync(job));
    }

    [ContractFact]
    public async Task Redrive_AfterTheEnd_OpensTheJobAgain()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(3));
        foreach (LeasedTask task in await agent.LeaseAsync(2))
        {
            Assert.Null(await agent.FailAsync(task, isFinal: true));
        }

        Assert.Null(await agent.SucceedAsync(await agent.LeaseOneAsync()));
        Assert.Equal("failed", (await JobAsync(job)).State);
        await HalfWayAsync();
        JobSummary redriven = Accepted(await Engine.RedriveAsync(job, null, null, Ct));
        Assert.Equal(("open", null, 2), (redriven.State, redriven.EndedAt, redriven.Counts.Released));

        await HalfWayAsync();
        LeasedTask[] again = [.. await agent.LeaseAsync(9)];
        Assert.Equal([0, 1], again.Select(t => t.Task.Index));
        Assert.All(await agent.SucceedAllAsync(again), Assert.Null);
        Assert.Equal("succeeded", (await JobAsync(job)).State);
    }

    [ContractFact]
    public async Task Redrive_CountsAttemptsAnew()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Spec() with { Retry = new() { AttemptsMax = 2, First = default } });
        for (int run = 1; run <= 3; run++)
        {
            Assert.Null(await agent.FailAsync(await agent.LeaseOneAsync()));
            Assert.Equal("ready", (await TaskAsync(job)).State);
            await HalfWayAsync();
            Assert.Null(await agent.FailAsync(await agent.LeaseOneAsync()));
            TaskView view = await TaskAsync(job);
            Assert.Equal(("dead-lettered", run, 2, run * 2L), (view.State, view.Run, view.Attempts, view.Token));
            Accepted(await Engine.RedriveAsync(job, 0, null, Ct));
        }
    }

    [ContractFact]
    public async Task Redrive_OfACancelledTask_DoesIt()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(2));
        Accepted(await Engine.CancelAsync(job, Ct));
        await JobIsAsync("cancelled", job);
        await HalfWayAsync();
        Accepted(await Engine.RedriveAsync(job, 1, null, Ct));

        await HalfWayAsync();
        LeasedTask task = await agent.LeaseOneAsync();
        Assert.Equal((1, 2, 1L), (task.Task.Index, task.Run, task.Token));
        Assert.Null(await agent.SucceedAsync(task));
        Assert.Equal("cancelled", (await JobAsync(job)).State);
    }

    [ContractFact]
    public async Task Redrive_OfATaskWithANotBefore_WaitsForItAgain()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Spec() with { NotBefore = Harness.Now + Forever });
        Accepted(await Engine.CancelAsync(job, Ct));
        await JobIsAsync("cancelled", job);
        Accepted(await Engine.RedriveAsync(job, 0, null, Ct));
        await HalfWayAsync();

        Assert.Empty(await agent.LeaseAsync());
        Assert.Equal("pending", (await TaskAsync(job)).State);
    }

    [ContractFact]
    public async Task Redrive_OfWhatCannotBe_IsRefused()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(2));
        Assert.Null(await agent.SucceedAsync(await agent.LeaseOneAsync()));
        await HalfWayAsync();

        Refused(RejectionCode.TaskState, await Engine.RedriveAsync(job, 0, null, Ct));
        Refused(RejectionCode.TaskState, await Engine.RedriveAsync(job, 1, null, Ct));
        Refused(RejectionCode.TaskState, await Engine.RedriveAsync(job, null, null, Ct));
        Refused(RejectionCode.TaskUnknown, await Engine.RedriveAsync(job, 2, null, Ct));
        Refused(RejectionCode.TaskUnknown, await Engine.RedriveAsync(job, -1, null, Ct));
        Refused(RejectionCode.JobUnknown, await Engine.RedriveAsync(new JobId("nowhere"), null, null, Ct));
        Assert.Null(await agent.SucceedAsync(await agent.LeaseOneAsync()));
        Refused(RejectionCode.TaskState, await Engine.RedriveAsync(job, null, null, Ct));
    }

    [ContractFact]
    public async Task Redrive_AskedForAgain_LeavesWhatWasDeadLetteredSince()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(3));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(3)];
        Assert.Null(await agent.FailAsync(tasks[0], isFinal: true));
        Accepted(await Engine.RedriveAsync(job, null, "r-1", Ct));
        Assert.Null(await agent.FailAsync(tasks[1], isFinal: true));
        await HalfWayAsync();

        JobSummary again = Accepted(await Engine.RedriveAsync(job, null, "r-1", Ct));
        Assert.Equal((1, 2), (again.Counts.DeadLettered, again.Counts.Released));
        Refused(RejectionCode.IdempotencyMismatch, await Engine.RedriveAsync(job, 1, "r-1", Ct));
        Refused(RejectionCode.Invalid, await Engine.RedriveAsync(job, 1, "r 2", Ct));
        Assert.Equal(0, Accepted(await Engine.RedriveAsync(job, null, "r-2", Ct)).Counts.DeadLettered);
        Assert.Equal(2, (await TypesAsync(job)).Count(t => t == "job-redriven-1"));
    }

    [ContractFact]
    public async Task Redrive_OfAJobThatIsStopping_IsRefused()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(2));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(2)];
        Assert.Null(await agent.FailAsync(tasks[0], isFinal: true));
        Accepted(await Engine.CancelAsync(job, Ct));
        await HalfWayAsync();
        Refused(RejectionCode.JobState, await Engine.RedriveAsync(job, 0, null, Ct));
    }

    [ContractFact]
    public async Task Redrive_Again_ShowsTheFailureOfTheRunInQuestion()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        Assert.Null(await agent.FailAsync(await agent.LeaseOneAsync(), isFinal: true, code: "first-run"));
        Accepted(await Engine.RedriveAsync(job, 0, null, Ct));
        Assert.Null((await TaskAsync(job)).Failure);
        LeasedTask task = await agent.LeaseOneAsync();
        Assert.Null((await TaskAsync(job)).Failure);
        Accepted(await Engine.CancelAsync(job, Ct));
        await HalfWayAsync();
        Assert.Null(await agent.GiveBackAsync(task));

        TaskView view = await TaskAsync(job);
        Assert.Equal(("cancelled", null, null), (view.State, view.Failure, view.Reason));
    }
}
