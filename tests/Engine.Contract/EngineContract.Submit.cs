using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Submit_OfATask_IsAcceptedAndTheTaskCanBeLeased()
    {
        Member agent = await RegisterAsync();
        JobId job = new("a.job_with-ID");
        SubmitReceipt receipt = Accepted(
            await Engine.SubmitAsync(new JobSubmission(job, Header(name: "Ähm"), Specs(1)), Ct));

        Assert.True(receipt.IsNew);
        JobSummary summary = receipt.Job;
        Assert.Equal((job, "open", "Ähm", 1), (summary.Id, summary.State, summary.Name, summary.TaskCount));
        Assert.NotNull(receipt.Job.SealedAt);
        await HalfWayAsync();
        Assert.Equal(new TaskId(job, 0), (await agent.LeaseOneAsync()).Task);
    }

    [ContractFact]
    public async Task Submit_WithoutTasks_EndsAtOnce()
    {
        JobId job = await SubmitAsync();
        await HalfWayAsync();

        JobSummary summary = await JobAsync(job);
        Assert.Equal(("succeeded", 0), (summary.State, summary.TaskCount));
        Assert.True(summary.IsEnded);
        Assert.Equal(["job-opened-1", "job-sealed-1", "job-ended-1"], await TypesAsync(job));
    }

    [ContractFact]
    public async Task Submit_Repeated_IsTheSameJob()
    {
        JobSubmission submission = new(new JobId(NewName("twice")), Header(), Specs(3));
        SubmitReceipt first = Accepted(await Engine.SubmitAsync(submission, Ct));
        await HalfWayAsync();
        SubmitReceipt second = Accepted(await Engine.SubmitAsync(submission, Ct));

        Assert.True(first.IsNew);
        Assert.False(second.IsNew);
        Assert.Equal(first.Job.Version, second.Job.Version);
    }

    [ContractFact]
    public async Task Submit_RepeatedAfterTheEnd_IsTheSameJob()
    {
        Member agent = await RegisterAsync();
        JobSubmission submission = new(new JobId(NewName("twice")), Header(), Specs(1));
        Accepted(await Engine.SubmitAsync(submission, Ct));
        Assert.Null(await agent.SucceedAsync(await agent.LeaseOneAsync()));
        await HalfWayAsync();
        SubmitReceipt second = Accepted(await Engine.SubmitAsync(submission, Ct));

        Assert.False(second.IsNew);
        Assert.Equal("succeeded", second.Job.State);
        Assert.Empty(await agent.LeaseAsync());
    }

    [ContractFact]
    public async Task Submit_UnderAnotherName_IsTheSameJob()
    {
        MayDie();
        JobSubmission submission = new(new JobId(NewName("twice")), Header(name: "one"), Specs(3));
        Accepted(await Engine.SubmitAsync(submission, Ct));

        SubmitReceipt second = Accepted(await Engine.SubmitAsync(submission with { Header = Header(name: "two") }, Ct));
        Assert.False(second.IsNew);
        Assert.Equal("one", second.Job.Name);
    }

    [ContractFact]
    public async Task Submit_WithOtherTasks_IsRefused()
    {
        JobSubmission submission = new(new JobId(NewName("twice")), Header(), Specs(3));
        Accepted(await Engine.SubmitAsync(submission, Ct));
        await HalfWayAsync();

        Refused(RejectionCode.JobExists, await Engine.SubmitAsync(submission with { Tasks = Specs(4) }, Ct));
        Refused(RejectionCode.JobExists, await Engine.SubmitAsync(submission with { Tasks = [Spec()] }, Ct));
        JobHeader other = Header(new JobPolicy { Priority = 1 });
        Refused(RejectionCode.JobExists, await Engine.SubmitAsync(submission with { Header = other }, Ct));
        Assert.Equal(3, (await JobAsync(submission.Id)).TaskCount);
    }

    [ContractFact]
    public async Task Submit_OfManyChunks_IsAcceptedWhole()
    {
        Member[] agents = [await RegisterAsync(), await RegisterAsync(), await RegisterAsync()];
        JobId job = await SubmitAsync(Specs(3_000));
        await HalfWayAsync();
        List<int> given = [];
        foreach (Member agent in agents)
        {
            given.AddRange((await agent.LeaseAsync(1_000)).Select(t => t.Task.Index));
        }

        Assert.Equal(Enumerable.Range(0, 3_000), given);
        Assert.Equal(
            ["job-opened-1", "job-tasks-added-1", "job-tasks-added-1", "job-tasks-added-1", "job-sealed-1"],
            await TypesAsync(job));
    }

    [ContractFact]
    public async Task Submit_OfLargePayloads_IsCutByBytes()
    {
        Payload large = Json(new string('7', 200_000));
        JobId job = await SubmitAsync([.. Enumerable.Repeat(Spec() with { Payload = large }, 12)]);
        await HalfWayAsync();

        Member agent = await RegisterAsync();
        Assert.All(await agent.LeaseAllAsync(), t => Assert.Equal(large, t.Payload));
        Assert.Equal(3, (await TypesAsync(job)).Count(t => t == "job-tasks-added-1"));
    }

    [ContractFact]
    public async Task Submit_BrokenOff_GoesOnWhereItStopped()
    {
        JobSubmission submission = new(new JobId(NewName("slow")), Header(), Specs(2_500));
        string digest = JobDigest.Of(submission.Header.Policy, submission.Tasks);
        Accepted(await Engine.OpenAsync(submission.Id, submission.Header, digest, 2_500, Ct));
        Accepted(await Engine.AddTasksAsync(submission.Id, 0, [.. submission.Tasks.Take(1_000)], Ct));
        await HalfWayAsync();
        Assert.Equal("opening", (await JobAsync(submission.Id)).State);

        Assert.Equal("open", Accepted(await Engine.SubmitAsync(submission, Ct)).Job.State);
        Assert.Equal(3, (await TypesAsync(submission.Id)).Count(t => t == "job-tasks-added-1"));
    }

    [ContractFact]
    public async Task Submit_BrokenOffByOtherChunks_GoesOnWhereItStopped()
    {
        MayDie();
        foreach (int count in (int[])[5, 2_500])
        {
            JobSubmission submission = new(new JobId($"slow-{count}"), Header(), Specs(count));
            string digest = JobDigest.Of(submission.Header.Policy, submission.Tasks);
            Accepted(await Engine.OpenAsync(submission.Id, submission.Header, digest, count, Ct));
            Accepted(await Engine.AddTasksAsync(submission.Id, 0, [.. submission.Tasks.Take(3)], Ct));

            Assert.Equal("open", Accepted(await Engine.SubmitAsync(submission, Ct)).Job.State);
        }
    }

    [ContractFact]
    public async Task Submit_AtTheSameTimeByMany_IsAcceptedOnce()
    {
        MayDie();
        JobSubmission submission = new(new JobId(NewName("race")), Header(), Specs(2_500));
        Reply<SubmitReceipt>[] replies = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Engine.SubmitAsync(submission, Ct).AsTask()));

        Assert.All(replies, r => Assert.Equal("open", Accepted(r).Job.State));
        Assert.Equal(
            ["job-opened-1", "job-tasks-added-1", "job-tasks-added-1", "job-tasks-added-1", "job-sealed-1"],
            await TypesAsync(submission.Id));
    }

    [ContractFact]
    public async Task Submit_OfAJobCancelledMeanwhile_IsRefused()
    {
        JobSubmission submission = new(new JobId(NewName("stopped")), Header(), Specs(3));
        string digest = JobDigest.Of(submission.Header.Policy, submission.Tasks);
        Accepted(await Engine.OpenAsync(submission.Id, submission.Header, digest, 3, Ct));
        Assert.Equal("cancelled", Accepted(await Engine.CancelAsync(submission.Id, Ct)).State);
        await HalfWayAsync();

        Refused(RejectionCode.JobState, await Engine.SubmitAsync(submission, Ct));
    }

    [ContractFact]
    public async Task Submit_PastALimit_IsRefusedAndNothingIsStored()
    {
        MayDie();
        async Task RefusedAsync(string code, JobHeader header, params TaskSpec[] tasks)
        {
            JobId job = new(NewName("bad"));
            Refused(code, await Engine.SubmitAsync(new JobSubmission(job, header, tasks), Ct));
            Refused(RejectionCode.JobUnknown, await Engine.GetJobAsync(job, null, Ct));
        }

        string big = new('1', Limits.Default.PayloadBytesMax + 1);
        await RefusedAsync(RejectionCode.LimitExceeded, Header(), Spec() with { Payload = Json(big) });
        await RefusedAsync(RejectionCode.LimitExceeded, Header(), Spec() with { Name = new string('n', 257) });
        await RefusedAsync(RejectionCode.LimitExceeded, Header(name: new string('n', 257)), Spec());
        await RefusedAsync(RejectionCode.Invalid, Header(), Spec() with { Kind = "no kind" });
        await RefusedAsync(RejectionCode.Invalid, Header(), Spec() with { LeaseLength = TimeSpan.FromMilliseconds(1) });
        await RefusedAsync(RejectionCode.Invalid, Header(new JobPolicy { Priority = 1_001 }), Spec());
        await RefusedAsync(RejectionCode.DependencyUnknown, Header(), Spec(after: 1));
        await RefusedAsync(RejectionCode.DependencyUnknown, Header(), Spec(after: -1));
        await RefusedAsync(RejectionCode.DependencyCycle, Header(), Spec(after: 1), Spec(after: 0));
        await RefusedAsync(RejectionCode.DependencyCycle, Header(), Spec(after: 0));
    }

    [ContractFact]
    public async Task Submit_UnderAnImpossibleId_IsRefused()
    {
        MayDie();
        foreach (string id in (string[])["", ".", "..", "a/b", "a b", "ä", "a\0b", new string('a', 129)])
        {
            JobSubmission submission = new(new JobId(id), Header(), Specs(1));
            Refused(RejectionCode.Invalid, await Engine.SubmitAsync(submission, Ct));
        }

        await SubmitAsync(Specs(1)); // The engine still serves.
    }

    [ContractFact]
    public async Task AddTasks_BeforeTheSeal_GivesNothingToAnybody()
    {
        Member agent = await RegisterAsync();
        (JobId job, TaskSpec[] tasks) = await OpenedAsync(3);
        SubmitProgress progress = Accepted(await Engine.AddTasksAsync(job, 0, [.. tasks], Ct));
        Assert.Equal(new SubmitProgress(3, IsSealed: false), progress);
        await HalfWayAsync();
        Assert.Empty(await agent.LeaseAsync(3));
        Assert.Equal("opening", (await JobAsync(job)).State);

        Assert.Equal("open", Accepted(await Engine.SealAsync(job, Ct)).State);
        Assert.Equal(3, (await agent.LeaseAsync(3)).Length);
    }

    [ContractFact]
    public async Task AddTasks_Repeated_IsHarmless()
    {
        (JobId job, TaskSpec[] tasks) = await OpenedAsync(4);
        ImmutableArray<TaskSpec> half = [.. tasks.Take(2)];
        Assert.Equal(2, Accepted(await Engine.AddTasksAsync(job, 0, half, Ct)).TasksAdded);
        await HalfWayAsync();
        Assert.Equal(2, Accepted(await Engine.AddTasksAsync(job, 0, half, Ct)).TasksAdded);
        Assert.Equal(4, Accepted(await Engine.AddTasksAsync(job, 2, [.. tasks.Skip(2)], Ct)).TasksAdded);
        Accepted(await Engine.SealAsync(job, Ct));
        await HalfWayAsync();
        Accepted(await Engine.SealAsync(job, Ct));

        Assert.Equal(
            ["job-opened-1", "job-tasks-added-1", "job-tasks-added-1", "job-sealed-1"], await TypesAsync(job));
        JobHeader header = Header();
        SubmitProgress opened = Accepted(
            await Engine.OpenAsync(job, header, JobDigest.Of(header.Policy, tasks), 4, Ct));
        Assert.Equal(new SubmitProgress(4, IsSealed: true), opened);
    }

    [ContractFact]
    public async Task AddTasks_OutOfTurn_IsRefused()
    {
        MayDie();
        (JobId job, TaskSpec[] tasks) = await OpenedAsync(4);

        Refused(RejectionCode.JobIncomplete, await Engine.AddTasksAsync(job, 2, [.. tasks.Skip(2)], Ct));
        Refused(RejectionCode.JobIncomplete, await Engine.AddTasksAsync(job, 0, [.. tasks, .. tasks], Ct));
        Refused(RejectionCode.JobUnknown, await Engine.AddTasksAsync(new JobId("nowhere"), 0, [.. tasks], Ct));
    }

    [ContractFact]
    public async Task Seal_OfAnotherJobThanDeclared_IsRefused()
    {
        (JobId job, TaskSpec[] tasks) = await OpenedAsync(2);
        Refused(RejectionCode.JobIncomplete, await Engine.SealAsync(job, Ct));

        TaskSpec[] others = [tasks[0], tasks[1] with { Name = "other" }];
        Accepted(await Engine.AddTasksAsync(job, 0, [.. others], Ct));
        await HalfWayAsync();
        Refused(RejectionCode.DigestMismatch, await Engine.SealAsync(job, Ct));
        Refused(RejectionCode.JobUnknown, await Engine.SealAsync(new JobId("nowhere"), Ct));
    }

    private async Task<(JobId Job, TaskSpec[] Tasks)> OpenedAsync(int count)
    {
        JobId job = new(NewName("job"));
        TaskSpec[] tasks = Specs(count);
        SubmitProgress progress = Accepted(
            await Engine.OpenAsync(job, Header(), JobDigest.Of(JobPolicy.Default, tasks), count, Ct));
        Assert.Equal(new SubmitProgress(0, IsSealed: false), progress);
        return (job, tasks);
    }
}
