using Elasticity.Domain;
using Elasticity.EventStore;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Erase_OfOneTask_LeavesTheOthersAndTheHistory()
    {
        JobId job = await DoneAsync(3);
        string[] before = await TypesAsync(new TaskId(job, 1));
        Accepted(await Engine.ErasePayloadsAsync(job, 1, Ct));
        await HalfWayAsync();
        Accepted(await Engine.ErasePayloadsAsync(job, 1, Ct));

        for (int i = 0; i < 3; i++)
        {
            TaskView task = await TaskAsync(job, i, withPayloads: true);
            Assert.Equal((i == 1, i == 1), (task.Payload.IsNone, task.Result.IsNone));
            Assert.Equal("succeeded", task.State);
        }

        Assert.Equal(before, await TypesAsync(new TaskId(job, 1)));
        Assert.Single(await TypesAsync(job), t => t == "job-payloads-erased-1");
        await IsSoundAsync();
    }

    [ContractFact]
    public async Task Erase_OfAJob_LeavesNoPayload()
    {
        JobId job = await DoneAsync(5);
        JobId other = await DoneAsync(1);
        Assert.Equal("succeeded", Accepted(await Engine.ErasePayloadsAsync(job, null, Ct)).State);
        await HalfWayAsync();

        for (int i = 0; i < 5; i++)
        {
            TaskView task = await TaskAsync(job, i, withPayloads: true);
            Assert.Equal((true, true), (task.Payload.IsNone, task.Result.IsNone));
        }

        Assert.False((await TaskAsync(other, 0, withPayloads: true)).Result.IsNone);
        Refused(RejectionCode.TaskState, await Engine.RedriveAsync(job, 0, null, Ct));
        await IsSoundAsync();
    }

    [ContractFact]
    public async Task Erase_OfWhatIsNeededOrUnknown_IsRefused()
    {
        MayDie();
        JobId job = await SubmitAsync(Spec() with { Payload = Payload.FromJson("1") });
        Refused(RejectionCode.JobState, await Engine.ErasePayloadsAsync(job, null, Ct));
        Refused(RejectionCode.JobUnknown, await Engine.ErasePayloadsAsync(new JobId("nowhere"), null, Ct));
        Refused(RejectionCode.TaskUnknown, await Engine.ErasePayloadsAsync(await DoneAsync(1, leave: job), 1, Ct));
        Assert.False((await TaskAsync(job, 0, withPayloads: true)).Payload.IsNone);
    }

    /// <summary>A job whose tasks have succeeded, each with a payload and a result.</summary>
    private async Task<JobId> DoneAsync(int count, JobId? leave = null)
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(
            [.. Specs(count).Select((s, i) => s with { Payload = Payload.FromJson($"{i}") })]);
        foreach (LeasedTask task in await agent.LeaseAsync(count + (leave is null ? 0 : 1)))
        {
            Assert.Null(task.Task.Job == leave
                ? await agent.GiveBackAsync(task)
                : await agent.SucceedAsync(task));
        }

        Assert.Equal("succeeded", (await JobAsync(job)).State);
        return job;
    }

    private async Task IsSoundAsync()
    {
        Assert.Empty((await LogVerifier.VerifyAsync(Harness.Store, string.Empty, null, Ct)).Faults);
        Assert.Empty((await OutcomeVerifier.VerifyAsync(Harness.Store, null, null, Ct)).Faults);
    }
}
