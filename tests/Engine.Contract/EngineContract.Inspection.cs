using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task GetJob_AsOfAVersion_ShowsThePast()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(2));
        Assert.Null(await agent.SucceedAsync(await agent.LeaseOneAsync()));
        Accepted(await Engine.PauseAsync(job, Ct));
        await HalfWayAsync();

        Assert.Equal(
            [
                (1L, "opening", 0, false),
                (2, "opening", 0, false),
                (3, "open", 0, false),
                (4, "open", 1, false),
                (5, "open", 1, true),
            ],
            await Task.WhenAll(Enumerable.Range(1, 5).Select(async version =>
            {
                JobSummary j = Accepted(await Engine.GetJobAsync(job, version, Ct));
                return (j.Version, j.State, j.Counts.Succeeded, j.IsPaused);
            })));
        Assert.Equal(5, (await JobAsync(job)).Version);
        Refused(RejectionCode.JobUnknown, await Engine.GetJobAsync(job, 0, Ct));
        Refused(RejectionCode.Invalid, await Engine.GetJobAsync(job, 6, Ct));
        Refused(RejectionCode.Invalid, await Engine.GetTaskAsync(new TaskId(job, 1), 1, false, Ct));
        Refused(RejectionCode.JobUnknown, await Engine.GetJobAsync(new JobId("nowhere"), null, Ct));
        Refused(RejectionCode.JobUnknown, await Engine.GetJobAsync(new JobId("nowhere"), 1, Ct));
    }

    [ContractFact]
    public async Task GetTask_AsOfAVersion_ShowsThePast()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Spec() with { Retry = new() { AttemptsMax = 2, First = default } });
        Assert.Null(await agent.FailAsync(await agent.LeaseOneAsync()));
        Assert.Null(await agent.FailAsync(await agent.LeaseOneAsync()));
        Accepted(await Engine.RedriveAsync(job, 0, null, Ct));
        await agent.LeaseOneAsync();
        await HalfWayAsync();

        async Task<(long, string, int, int)> AtAsync(int version)
        {
            TaskView t = Accepted(await Engine.GetTaskAsync(new TaskId(job, 0), version, false, Ct));
            return (t.Version, t.State, t.Run, t.Attempts);
        }

        Assert.Equal(
            [
                (1, "leased", 1, 0),
                (2, "ready", 1, 1),
                (3, "leased", 1, 1),
                (4, "ready", 1, 2),
                (5, "dead-lettered", 1, 2),
                (6, "leased", 2, 0),
            ],
            await Task.WhenAll(Enumerable.Range(1, 6).Select(AtAsync)));
    }

    [ContractFact]
    public async Task GetTask_ReadsPayloadsOnlyWhenAsked()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        Assert.Null(await agent.SucceedAsync(await agent.LeaseOneAsync(), "9"));
        await HalfWayAsync();
        TaskView without = await TaskAsync(job);
        TaskView with = await TaskAsync(job, withPayloads: true);

        Assert.Equal((Payload.None, Payload.None), (without.Payload, without.Result));
        Assert.Equal((Json("0"), Json("9")), (with.Payload, with.Result));
    }

    [ContractFact]
    public async Task GetTask_ThatIsUnknown_IsRefused()
    {
        JobId job = await SubmitAsync(Specs(2));
        await HalfWayAsync();
        Refused(RejectionCode.TaskUnknown, await Engine.GetTaskAsync(new TaskId(job, 2), null, false, Ct));
        Refused(RejectionCode.TaskUnknown, await Engine.GetTaskAsync(new TaskId(job, -1), null, false, Ct));
        Refused(
            RejectionCode.JobUnknown,
            await Engine.GetTaskAsync(new TaskId(new JobId("nowhere"), 0), null, false, Ct));
    }

    [ContractFact]
    public async Task Inspection_OfImpossibleIds_FindsNothing()
    {
        MayDie();
        foreach (string id in (string[])["", "a/b", "a\0b", "ä", new string('a', 5_000)])
        {
            JobId job = new(id);
            Refused(RejectionCode.JobUnknown, await Engine.GetJobAsync(job, null, Ct));
            Refused(RejectionCode.JobUnknown, await Engine.GetJobAsync(job, 1, Ct));
            Refused(RejectionCode.JobUnknown, await Engine.GetTaskAsync(new TaskId(job, 0), null, true, Ct));
            Refused(RejectionCode.JobUnknown, await Engine.ListTasksAsync(job, new TaskQuery(), null, 10, Ct));
            Refused(RejectionCode.JobUnknown, await Engine.CancelAsync(job, Ct));
            (AgentId agent, SessionId session) = (new(id), new(id));
            Refused(RejectionCode.SessionUnknown, await Engine.DrainAsync(agent, session, Ct));
            Refused(RejectionCode.SessionUnknown, await Engine.CloseAsync(agent, session, Ct));
            Refused(RejectionCode.SessionUnknown, await Engine.HeartbeatAsync(new Heartbeat(agent, session, []), Ct));
        }

        await SubmitAsync(Specs(1)); // The engine still serves.
    }

    [ContractFact]
    public async Task ListTasks_ComesInPages()
    {
        JobId job = await SubmitAsync(Specs(25));
        await HalfWayAsync();
        List<TaskView> all = await AllTasksAsync(job, new TaskQuery(WithPayloads: true), limit: 10);

        Assert.Equal(Enumerable.Range(0, 25), all.Select(t => t.Task.Index));
        Assert.Equal(Enumerable.Range(0, 25).Select(i => Json(i.ToString())), all.Select(t => t.Payload));
        Refused(RejectionCode.Invalid, await Engine.ListTasksAsync(job, new TaskQuery(), "nonsense", 10, Ct));
        Refused(RejectionCode.Invalid, await Engine.ListTasksAsync(job, new TaskQuery(), "-1", 10, Ct));
        Refused(RejectionCode.JobUnknown, await Engine.ListTasksAsync(new JobId("nowhere"), new(), null, 10, Ct));
    }

    [ContractFact]
    public async Task ListTasks_ByState_GivesThoseOnly()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(
            [
                .. Enumerable.Range(0, 6).Select(_ => Spec()),
                Spec(after: 5),
                Spec(after: 1),
                Spec() with { NotBefore = Harness.Now + Forever },
            ]);
        LeasedTask[] tasks = [.. await agent.LeaseAsync(4)];
        Assert.Null(await agent.SucceedAsync(tasks[0]));
        Assert.Null(await agent.FailAsync(tasks[1], isFinal: true));
        Assert.Null(await agent.FailAsync(tasks[2]));
        await HalfWayAsync();

        async Task<string> InAsync(string state) =>
            string.Join(' ', (await AllTasksAsync(job, new TaskQuery(state), limit: 1)).Select(t => t.Task.Index));
        Assert.Equal("0", await InAsync("succeeded"));
        Assert.Equal("1", await InAsync("dead-lettered"));
        Assert.Equal("2 8", await InAsync("pending"));
        Assert.Equal("3", await InAsync("leased"));
        Assert.Equal("4 5", await InAsync("ready"));
        Assert.Equal("6", await InAsync("blocked"));
        Assert.Equal("7", await InAsync("skipped"));
        Assert.Empty(await InAsync("cancelled"));
    }

    [ContractFact]
    public async Task ListTasks_OfAJobThatIsNotSealed_ShowsWhatHasArrived()
    {
        (JobId job, TaskSpec[] tasks) = await OpenedAsync(3);
        Accepted(await Engine.AddTasksAsync(job, 0, [.. tasks.Take(2)], Ct));
        await HalfWayAsync();
        Assert.Equal(["blocked", "blocked"], await StatesAsync(job));
        Refused(RejectionCode.TaskUnknown, await Engine.GetTaskAsync(new TaskId(job, 2), null, false, Ct));
    }

    [ContractFact]
    public async Task ListJobs_NewestFirst_ComesInPages()
    {
        List<JobId> jobs = [];
        for (int i = 0; i < 7; i++)
        {
            jobs.Add(await SubmitAsync(Specs(1)));
            await Harness.AdvanceAsync(TimeSpan.FromMilliseconds(5), Ct);
        }

        await HalfWayAsync();
        List<JobSummary> all = [];
        string? cursor = null;
        do
        {
            Page<JobSummary> page = Accepted(await Engine.ListJobsAsync(new JobFilter(), cursor, 3, Ct));
            all.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Reverse(jobs), all.Select(j => j.Id));
        Assert.Equal(await JobAsync(jobs[0]), all[^1], SameText);
        foreach (string bad in (string[])["nonsense", "1", "-1.a", "99999999999999999999.a", "9223372036854775807.a"])
        {
            Refused(RejectionCode.Invalid, await Engine.ListJobsAsync(new JobFilter(), bad, 3, Ct));
        }
    }

    [ContractFact]
    public async Task ListJobs_ByStateAndText_GivesThoseOnly()
    {
        Member agent = await RegisterAsync();
        JobId done = await SubmitAsync(Specs(1));
        Assert.Null(await agent.SucceedAsync(await agent.LeaseOneAsync()));
        JobId named = new("needle-in-the-id");
        Accepted(await Engine.SubmitAsync(new JobSubmission(named, Header(name: "a Haystack"), Specs(1)), Ct));
        await HalfWayAsync();

        async Task<JobId[]> FoundAsync(JobFilter filter) =>
            [.. Accepted(await Engine.ListJobsAsync(filter, null, 10, Ct)).Items.Select(j => j.Id)];
        Assert.Equal([done], await FoundAsync(new JobFilter(State: "succeeded")));
        Assert.Equal([named], await FoundAsync(new JobFilter(State: "open")));
        Assert.Equal([named], await FoundAsync(new JobFilter(Search: "NEEDLE")));
        Assert.Equal([named], await FoundAsync(new JobFilter(Search: "haystack")));
        Assert.Empty(await FoundAsync(new JobFilter(State: "succeeded", Search: "needle")));
    }

    [ContractFact]
    public async Task ReadLog_FromACursor_GivesEveryEventOnce()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(3));
        List<StoredEvent> log = [];
        LogCursor cursor = LogCursor.Start;

        async Task FollowAsync()
        {
            await LogIsShownAsync();
            LogPage page;
            do
            {
                page = await Engine.ReadLogAsync(cursor, 2, Ct);
                log.AddRange(page.Events);
                cursor = page.Next;
            }
            while (!page.IsEnd || page.Events.Count > 0);
        }

        await FollowAsync();
        Assert.Equal(await EventCountAsync(), log.Count);
        await HalfWayAsync();
        Assert.All(await agent.SucceedAllAsync(await agent.LeaseAllAsync()), Assert.Null);
        await FollowAsync();
        Assert.Equal(await EventCountAsync(), log.Count);
        Assert.Equal(log.Count, log.Select(e => (e.Stream, e.Version)).Distinct().Count());
        Assert.Equal(
            (await EventsAsync(job)).Select(e => e.Record.Hash),
            log.Where(e => e.Stream == StreamNames.Of(job)).OrderBy(e => e.Version).Select(e => e.Record.Hash));
    }

    [ContractFact]
    public async Task WaitForNews_IsWokenByAnAppend()
    {
        MayDie();
        Task news = Engine.WaitForNewsAsync(Ct).AsTask();
        await SubmitAsync(Specs(1));
        await news;
    }

    [ContractFact]
    public async Task WaitForNews_WithoutAny_ComesBackAfterAWhile()
    {
        MayDie();
        Task news = Engine.WaitForNewsAsync(Ct).AsTask();
        await Harness.AdvanceAsync(TimeSpan.FromSeconds(3), Ct);
        await news;
    }

    [ContractFact]
    public async Task Lists_OfQueuesAndAgents_ShowWhatIsGoingOn()
    {
        Member agent = await RegisterAsync("a", "b");
        Member idle = await RegisterAsync("b");
        await SubmitAsync(Spec() with { Kind = "a" }, Spec() with { Kind = "a" }, Spec() with { Kind = "c" });
        await agent.LeaseOneAsync();
        await HalfWayAsync();
        await idle.WaitForOneAsync();

        Assert.Equal(
            [new("a", 1, 0, 1, 1, 0), new("b", 0, 0, 0, 2, 1), new("c", 1, 0, 0, 0, 0)],
            await Engine.ListQueuesAsync(Ct));
        IReadOnlyList<AgentView> agents = await Engine.ListAgentsAsync(Ct);
        Assert.Equal(
            [(agent.Id, "live", 1), (idle.Id, "live", 0)], agents.Select(a => (a.Id, a.State, a.LeaseCount)));
        Assert.Equal(["a", "b"], agents[0].Offer.Kinds.AsEnumerable());
    }

    [ContractFact]
    public async Task GetStatus_SaysThatItServes()
    {
        Member agent = await RegisterAsync();

        // Before anything is counted: on a cluster, counts go with the silo that has them. They are those since it was
        // started, for an earlier scenario perhaps.
        await HalfWayAsync();
        await SubmitAsync([.. Specs(3).Select(s => s with { LeaseLength = TimeSpan.FromMinutes(1) })]);
        LeasedTask[] tasks = [.. await agent.LeaseAsync(2)];
        Assert.Null(await agent.SucceedAsync(tasks[0]));

        // It may be a sample, for which time passes: a cluster is not asked for each glance.
        EngineStatus status = Engine.GetStatus();
        await EventuallyAsync(
            () => Task.FromResult(
                (status = Engine.GetStatus()) is
                {
                    State: "serving", IsReady: true, Reason: null, Code: null,
                    OpenJobs: 1, LeasedTasks: 1, QueuedTasks: 1, Agents: 1,
                    Granted: >= 2, Settled: >= 1, Events: >= 3, Appends: >= 2,
                }),
            $"the status shows it, and not {status}");
        if (Harness.IsAtomic)
        {
            // The job has three events, two leases one each, and what succeeded is told by task and job. The agent has
            // one, which is not counted where the engine began anew after it.
            Assert.Equal((2, 1), (status.Granted, status.Settled));
            Assert.InRange(status.Events, 7, 8);
        }
    }

    private async Task<List<TaskView>> AllTasksAsync(JobId job, TaskQuery query, int limit)
    {
        List<TaskView> all = [];
        string? cursor = null;
        do
        {
            Page<TaskView> page = Accepted(await Engine.ListTasksAsync(job, query, cursor, limit, Ct));
            Assert.True(page.Items.Count <= limit);
            all.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return all;
    }

    // Records with arrays and dictionaries inside are equal only when these are the same objects.
    private static bool SameText(JobSummary a, JobSummary b) => a.ToString() == b.ToString();
}
