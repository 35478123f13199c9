using Elasticity.Domain;
using Elasticity.Domain.Leases;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Cancel_OfQueuedTasks_EndsThemAtOnce()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(3));
        await HalfWayAsync();
        Accepted(await Engine.CancelAsync(job, Ct));

        JobSummary summary = await JobIsAsync("cancelled", job);
        Assert.Equal(3, summary.Counts.Cancelled);
        Assert.Empty(await agent.LeaseAsync());
        Assert.Equal(["cancelled", "cancelled", "cancelled"], await StatesAsync(job));
        Assert.Equal("cancelled", Accepted(await Engine.CancelAsync(job, Ct)).State);
        Assert.Equal(0, (await QueueAsync())?.Ready ?? 0);
    }

    [ContractFact]
    public async Task Cancel_OfALeasedTask_WaitsForTheAgent()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(4));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(4)];
        Assert.Equal("cancelling", Accepted(await Engine.CancelAsync(job, Ct)).State);
        await HalfWayAsync();
        Assert.Equal("cancelling", Accepted(await Engine.CancelAsync(job, Ct)).State);

        // What the task ends with is the truth: one was done all the same.
        Assert.Null(await agent.SucceedAsync(tasks[0]));
        Assert.Null(await agent.FailAsync(tasks[1]));
        Assert.Null(await agent.GiveBackAsync(tasks[2]));
        Assert.Equal([LeaseAnswer.CancelRequested], await agent.BeatAsync(tasks[3]));
        Assert.Equal("cancelling", (await JobAsync(job)).State);
        await Harness.AdvanceAsync(Lease, Ct); // The agent of the last one has died.

        JobSummary summary = await JobIsAsync("cancelled", job);
        Assert.Equal((1, 3), (summary.Counts.Succeeded, summary.Counts.Cancelled));
        Assert.Equal(["succeeded", "cancelled", "cancelled", "cancelled"], await StatesAsync(job));
    }

    [ContractFact]
    public async Task Cancel_WhenAllTasksSucceedAllTheSame_IsASuccess()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        Accepted(await Engine.CancelAsync(job, Ct));
        await HalfWayAsync();
        Assert.Null(await agent.SucceedAsync(task));

        Assert.Equal("succeeded", (await JobAsync(job)).State);
    }

    [ContractFact]
    public async Task Cancel_OfTasksThatWait_LeavesNothingBehindInTheQueue()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(
            Spec(),
            Spec() with { NotBefore = Harness.Now.AddDays(300) },
            Spec() with { Kind = "unknown" },
            Spec(after: 0));
        Assert.Null(await agent.FailAsync(await agent.LeaseOneAsync()));
        Assert.Equal(2, (await QueueAsync())!.Delayed);
        await HalfWayAsync();
        Accepted(await Engine.CancelAsync(job, Ct));

        await JobIsAsync("cancelled", job);
        Assert.Equal((0, 0), (await QueueAsync() is { } queue ? (queue.Ready, queue.Delayed) : (0, 0)));
        Assert.Null(await QueueAsync("unknown"));
        Assert.DoesNotContain(await Engine.DiagnoseAsync(Ct), f => f.Code == "no-agent");
        await EventuallyAsync(() => Task.FromResult(Engine.GetStatus().QueuedTasks == 0), "the status shows no task");
    }

    [ContractFact]
    public async Task Cancel_OfAJobOfManyTasks_AnswersAtOnceAndCompletes()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(5_000));
        LeasedTask task = await agent.LeaseOneAsync();
        Assert.Equal("cancelling", Accepted(await Engine.CancelAsync(job, Ct)).State);
        await HalfWayAsync();
        Assert.Empty(await agent.LeaseAsync(10));

        await JobIsAsync("cancelling", job, j => j.Counts.Cancelled == 4_999);
        Assert.Null(await agent.GiveBackAsync(task));
        JobSummary summary = await JobIsAsync("cancelled", job);
        Assert.Equal(5_000, summary.Counts.Cancelled);
        Assert.Equal(["task-cancelled-1"], await TypesAsync(new TaskId(job, 4_999)));
        Assert.True((await TypesAsync(job)).Length < 30, "Outcomes are recorded many at once.");
    }

    [ContractFact]
    public async Task Cancel_ThatCannotBe_IsRefused()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        Assert.Null(await agent.SucceedAsync(await agent.LeaseOneAsync()));
        await HalfWayAsync();

        Refused(RejectionCode.JobState, await Engine.CancelAsync(job, Ct));
        Refused(RejectionCode.JobUnknown, await Engine.CancelAsync(new JobId("nowhere"), Ct));
    }

    [ContractFact]
    public async Task Cancel_OfAPausedJob_EndsIt()
    {
        JobId job = await SubmitAsync(Specs(2));
        Accepted(await Engine.PauseAsync(job, Ct));
        await HalfWayAsync();
        Accepted(await Engine.CancelAsync(job, Ct));
        Assert.False((await JobIsAsync("cancelled", job)).IsPaused);
    }
}
