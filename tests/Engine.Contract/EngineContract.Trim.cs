using Elasticity.Domain;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Trim_OfAJobThatEnded_LeavesATombstone()
    {
        Member agent = await RegisterAsync();
        JobSubmission submission = new(new JobId(NewName("old")), Header(), Specs(3));
        Accepted(await Engine.SubmitAsync(submission, Ct));
        List<LeasedTask> tasks = await agent.LeaseAllAsync();
        Assert.All(await agent.SucceedAllAsync(tasks), Assert.Null);
        JobSummary before = await JobAsync(submission.Id);
        await HalfWayAsync();
        JobSummary trimmed = Accepted(await Engine.TrimAsync(submission.Id, Ct));
        Assert.NotNull(trimmed.TrimmedAt);
        await HalfWayAsync();
        Assert.Equal(trimmed.TrimmedAt, Accepted(await Engine.TrimAsync(submission.Id, Ct)).TrimmedAt);

        IReadOnlyList<StreamInfo> left = await Harness.Store.ListStreamsAsync(string.Empty, null, 100, Ct);
        Assert.Equal(
            [StreamNames.Of(agent.Id), StreamNames.TombstoneOf(submission.Id)], left.Select(s => s.Stream));
        JobSummary after = await JobAsync(submission.Id);
        Assert.Equal((before.State, before.Counts, before.EndedAt), (after.State, after.Counts, after.EndedAt));
        Assert.Equal((null, trimmed.TrimmedAt), (before.TrimmedAt, after.TrimmedAt));
        IReadOnlyList<StoredEvent> history = await Engine.ReadHistoryAsync(
            StreamNames.Of(submission.Id), 1, 10, Ct);
        Assert.Equal(StreamNames.TombstoneOf(submission.Id), Assert.Single(history).Stream);
        Assert.False(Accepted(await Engine.SubmitAsync(submission, Ct)).IsNew);
        Refused(RejectionCode.JobExists, await Engine.SubmitAsync(submission with { Tasks = Specs(4) }, Ct));
        Refused(RejectionCode.JobState, await Engine.RedriveAsync(submission.Id, null, null, Ct));
        Reply<TaskView> gone = await Engine.GetTaskAsync(tasks[0].Task, null, false, Ct);
        Refused(RejectionCode.TaskUnknown, gone);
        Assert.Contains("was trimmed", gone.Rejection!.Detail); // And not that the job never had it.
        Assert.Equal(RejectionCode.LeaseLost, (await agent.FailAsync(tasks[0]))?.Code);
        Assert.Empty(await agent.LeaseAsync());
    }

    [ContractFact]
    public async Task Trim_OfAJobThatIsOpen_IsRefused()
    {
        JobId job = await SubmitAsync(Specs(1));
        Refused(RejectionCode.JobState, await Engine.TrimAsync(job, Ct));
        Accepted(await Engine.CancelAsync(job, Ct));
        await JobIsAsync("cancelled", job);
        await HalfWayAsync();
        Accepted(await Engine.TrimAsync(job, Ct));
        Refused(RejectionCode.JobUnknown, await Engine.TrimAsync(new JobId("nowhere"), Ct));
    }

    [ContractFact]
    public async Task Trim_WhileMuchGoesOn_DisturbsNothing()
    {
        Member agent = await RegisterAsync();
        JobId[] jobs = [.. await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SubmitAsync(Specs(20))))];
        List<LeasedTask> tasks = await agent.LeaseAllAsync();
        Assert.All(await agent.SucceedAllAsync(tasks), Assert.Null);
        await HalfWayAsync();

        // Late results look up the very tasks that are being removed.
        Task late = Task.Run(() => agent.SucceedAllAsync(tasks.Select(t => t with { Token = 2 })));
        foreach (JobId job in jobs)
        {
            Reply<JobSummary> trimmed = await Engine.TrimAsync(job, Ct);
            Assert.True(trimmed.IsAccepted || trimmed.Rejection.Code == RejectionCode.JobState);
            Assert.Equal("succeeded", (await JobAsync(job)).State);
        }

        await late;
        Assert.Equal("serving", Engine.GetStatus().State);
    }
}
