using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Settle_WithSuccess_EndsTheTaskAndKeepsTheResult()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        await HalfWayAsync();
        Assert.Null(await agent.SucceedAsync(task, """{"size": [3, 4]}"""));

        TaskView view = await TaskAsync(job, withPayloads: true);
        Assert.Equal(("succeeded", Json("""{"size": [3, 4]}"""), Json("0")), (view.State, view.Result, view.Payload));
        Assert.Equal((0, 1L, 1), (view.Attempts, view.Token, view.Run));
        Assert.True(view.StartedAt <= view.EndedAt);
        JobSummary summary = await JobAsync(job);
        Assert.Equal(("succeeded", 1), (summary.State, summary.Counts.Succeeded));
        Assert.True(summary.IsEnded);
    }

    [ContractFact]
    public async Task Settle_WithFailure_TriesAgainAfterABackOff()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        Assert.Null(await agent.FailAsync(await agent.LeaseOneAsync()));
        await HalfWayAsync();

        TaskView view = await TaskAsync(job);
        Assert.Equal(("pending", 1, "boom"), (view.State, view.Attempts, view.Failure?.Code));
        Assert.True(view.NotBefore > Harness.Now);
        Assert.Equal(1, (await QueueAsync())!.Delayed);
        Assert.Empty(await agent.LeaseAsync());

        await Harness.AdvanceAsync(BackOff, Ct);
        LeasedTask again = await agent.LeaseOneAsync();
        Assert.Equal((2, 2L), (again.Attempt, again.Token));
        Assert.Null(await agent.FailAsync(again));
        await Harness.AdvanceAsync(BackOff, Ct);
        Assert.Empty(await agent.LeaseAsync()); // The back-off has doubled.
        await Harness.AdvanceAsync(BackOff, Ct);
        Assert.Null(await agent.SucceedAsync(await agent.LeaseOneAsync()));
        Assert.Equal("succeeded", (await JobAsync(job)).State);
    }

    [ContractFact]
    public async Task Settle_WithTheLastFailure_DeadLettersTheTask()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Spec() with { Retry = new RetryPolicy { AttemptsMax = 2, First = default } });
        Assert.Null(await agent.FailAsync(await agent.LeaseOneAsync()));
        await HalfWayAsync();
        LeasedTask last = await agent.LeaseOneAsync();
        Settlement failed = new Settlement.Failed(new Failure("exit-code", "It was 3.", false), Json("\"output\""));
        Assert.Null(await agent.SettleAsync(last, failed));

        TaskView view = await TaskAsync(job, withPayloads: true);
        Assert.Equal(("dead-lettered", "attempts-exhausted", 2), (view.State, view.Reason, view.Attempts));
        Assert.Equal(new Failure("exit-code", "It was 3.", false), view.Failure);
        Assert.Equal(Json("\"output\""), view.Result);
        Assert.Equal("failed", (await JobAsync(job)).State);
    }

    [ContractFact]
    public async Task Settle_WithAFinalFailure_DeadLettersTheTaskAtOnce()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        Assert.Null(await agent.FailAsync(await agent.LeaseOneAsync(), isFinal: true));
        await HalfWayAsync();

        TaskView view = await TaskAsync(job);
        Assert.Equal(("dead-lettered", "final-failure", 1), (view.State, view.Reason, view.Attempts));
    }

    [ContractFact]
    public async Task Settle_ByGivingBack_IsFreeOfCharge()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        for (int i = 1; i <= 10; i++)
        {
            LeasedTask task = await agent.LeaseOneAsync();
            Assert.Equal((1, (long)i), (task.Attempt, task.Token));
            Assert.Null(await agent.GiveBackAsync(task));
        }

        await HalfWayAsync();
        TaskView view = await TaskAsync(job);
        Assert.Equal(("ready", 0, 0, 0), (view.State, view.Attempts, view.LeasesLost, view.LeasesExpired));
    }

    [ContractFact]
    public async Task Settle_Twice_IsASuccessAndNoEvent()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(3));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(3)];
        Settlement[] settlements =
        [
            new Settlement.Succeeded(Json("1")),
            new Settlement.Failed(new Failure("boom", "It broke.", false), Json("2")),
            new Settlement.GivenBack(),
        ];
        SettleRequest request = agent.Request(tasks.Zip(settlements));
        Assert.Equal([null, null, null], Codes(Accepted(await Engine.SettleAsync(request, Ct))));
        await HalfWayAsync();
        long before = await EventCountAsync();

        Assert.Equal([null, null, null], Codes(Accepted(await Engine.SettleAsync(request, Ct))));
        Assert.Equal(before, await EventCountAsync());
        Assert.Equal(1, (await TaskAsync(job, 1)).Attempts);
    }

    [ContractFact]
    public async Task Settle_AgainWithAnotherResult_IsRefusedAndRecorded()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        Assert.Null(await agent.SucceedAsync(task, "1"));
        await HalfWayAsync();

        Assert.Equal(RejectionCode.LeaseLost, (await agent.SucceedAsync(task, "2"))?.Code);
        Assert.Equal(RejectionCode.LeaseLost, (await agent.SucceedAsync(task, "3"))?.Code);
        Assert.Equal(
            ["task-leased-1", "task-succeeded-1", "task-result-refused-1"], await TypesAsync(new TaskId(job, 0)));
        Assert.Equal(Json("1"), (await TaskAsync(job, withPayloads: true)).Result);
    }

    [ContractFact]
    public async Task Settle_UnderAnOldToken_IsRefusedAndRecorded()
    {
        Member slow = await RegisterAsync();
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        LeasedTask old = await slow.LeaseOneAsync();
        await slow.BeatAsync(old);
        await Harness.AdvanceAsync(Lease, Ct);
        LeasedTask current = await agent.LeaseOneAsync();
        await HalfWayAsync();

        Assert.Equal(RejectionCode.LeaseLost, (await slow.SucceedAsync(old))?.Code);
        Assert.Equal(RejectionCode.LeaseLost, (await slow.SucceedAsync(old))?.Code);
        Assert.Null(await agent.SucceedAsync(current));
        Assert.Equal(
            ["task-leased-1", "task-expired-1", "task-leased-1", "task-result-refused-1", "task-succeeded-1"],
            await TypesAsync(new TaskId(job, 0)));
        StoredEvent refused = (await EventsAsync(new TaskId(job, 0)))[3];
        Assert.Equal(1, ContentOf(refused).GetProperty("token").GetInt64());
        Assert.Equal(slow.Session.Value, ContentOf(refused).GetProperty("session").GetString());
    }

    [ContractFact]
    public async Task Settle_UnderManyOldTokens_IsRecordedSixteenTimes()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        List<LeasedTask> old = [];
        for (int i = 0; i < 20; i++)
        {
            old.Add(await agent.LeaseOneAsync());
            Assert.Null(await agent.GiveBackAsync(old[i]));
        }

        await HalfWayAsync();
        foreach (LeasedTask task in old)
        {
            Assert.Equal(RejectionCode.LeaseLost, (await agent.SucceedAsync(task))?.Code);
        }

        Assert.Equal(16, (await TypesAsync(new TaskId(job, 0))).Count(t => t == "task-result-refused-1"));
    }

    [ContractFact]
    public async Task Settle_ByAnotherSession_IsRefused()
    {
        MayDie();
        Member agent = await RegisterAsync();
        Member thief = await RegisterAsync();
        await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();

        Assert.Equal(RejectionCode.LeaseLost, (await thief.SucceedAsync(task))?.Code);
        Assert.Null(await agent.SucceedAsync(task));
    }

    [ContractFact]
    public async Task Settle_OfATaskNeverLeased_IsRefusedAndNotRecorded()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        Assert.Null(await agent.SucceedAsync(task));
        JobId other = await SubmitAsync(Specs(1));
        await HalfWayAsync();
        long before = await EventCountAsync();
        foreach (TaskId bad in (TaskId[])[new(other, 0), new(other, 1), new(job, -1), new(new JobId("nowhere"), 0)])
        {
            Assert.NotNull(await agent.SucceedAsync(task with { Task = bad }));
        }

        Assert.NotNull(await agent.SucceedAsync(task with { Token = 0 }));
        Assert.NotNull(await agent.SucceedAsync(task with { Token = 2 }));
        Assert.Equal(before, await EventCountAsync());
    }

    [ContractFact]
    public async Task Settle_OfABatch_HasAVerdictForEach()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(5));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(5)];
        Assert.Null(await agent.SucceedAsync(tasks[1]));
        await HalfWayAsync();
        SettleRequest request = agent.Request(
        [
            (tasks[0], new Settlement.Succeeded(Json("0"))),
            (tasks[1], new Settlement.GivenBack()), // Settled otherwise before.
            (tasks[2], new Settlement.Failed(new Failure("boom", "It broke.", true), Payload.None)),
            (tasks[3] with { Task = new TaskId(new JobId("nowhere"), 3) }, new Settlement.GivenBack()),
            (tasks[4], new Settlement.Succeeded(Payload.None)),
        ]);

        SettleAnswer answer = Accepted(await Engine.SettleAsync(request, Ct));
        Assert.Equal(
            [null, RejectionCode.LeaseLost, null, RejectionCode.LeaseLost, null], Codes(answer));
        Assert.Equal(
            ["succeeded", "succeeded", "dead-lettered", "leased", "succeeded"], await StatesAsync(job));
        Assert.Null(await agent.SucceedAsync(tasks[3]));
    }

    [ContractFact]
    public async Task Settle_WithALeaseRequest_GivesTheNextTask()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(3));
        LeasedTask task = await agent.LeaseOneAsync();
        await HalfWayAsync();
        SettleRequest request = agent.Request([(task, new Settlement.Succeeded(Json("1")))], agent.Ask(1, Forever));
        SettleAnswer answer = Accepted(await Engine.SettleAsync(request, Ct));
        Assert.Equal([null], Codes(answer));
        Assert.Equal(new TaskId(job, 1), Assert.Single(answer.Leased).Task);

        await HalfWayAsync();
        SettleAnswer again = Accepted(await Engine.SettleAsync(request, Ct)); // The answer was lost.
        Assert.Equal([null], Codes(again));
        Assert.Equal([.. answer.Leased], again.Leased.ToArray());

        Assert.Null(await agent.SucceedAsync(Assert.Single(answer.Leased)));
        await agent.LeaseOneAsync();
        SettleAnswer nothing = Accepted(await Engine.SettleAsync(agent.Request([], agent.Ask(1, Forever)), Ct));
        Assert.Empty(nothing.Leased); // It does not wait.
    }

    [ContractFact]
    public async Task Settle_WithALeaseRequestThatIsRefused_RecordsTheResultsAllTheSame()
    {
        Member agent = await RegisterAsync();
        await SubmitAsync(Specs(4));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(2)];
        SettleAnswer answer = Accepted(await Engine.SettleAsync(
            agent.Request([(tasks[0], new Settlement.GivenBack())], agent.Ask(0)), Ct));
        Assert.Equal(RejectionCode.Invalid, answer.LeaseRejection?.Code);
        Assert.Equal([null], Codes(answer));

        Accepted(await Engine.DrainAsync(agent.Id, agent.Session, Ct));
        await HalfWayAsync();
        answer = Accepted(await Engine.SettleAsync(
            agent.Request([(tasks[1], new Settlement.Succeeded(Json("1")))], agent.Ask()), Ct));
        Assert.Equal(RejectionCode.AgentDraining, answer.LeaseRejection?.Code);
        Assert.Equal([null], Codes(answer));
        Assert.Empty(answer.Leased);
    }

    [ContractFact]
    public async Task Settle_WithAnOversizedResult_IsRefusedAndTheLeaseGoesOn()
    {
        Member agent = await RegisterAsync();
        await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        string big = new('1', Limits.Default.PayloadBytesMax + 1);

        Assert.Equal(RejectionCode.LimitExceeded, (await agent.SucceedAsync(task, big))?.Code);
        await HalfWayAsync();
        Assert.Null(await agent.SucceedAsync(task, big[1..]));
    }

    [ContractFact]
    public async Task Settle_WithALongFailure_CutsIt()
    {
        MayDie();
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();

        // The cut would be inside the pair.
        string message = new string('m', Limits.Default.FailureLengthMax - 1) + "😀 and more";
        Settlement failed = new Settlement.Failed(new Failure(new string('c', 500), message, false), Payload.None);
        Assert.Null(await agent.SettleAsync(task, failed));

        await Harness.RestartAsync(Ct);
        TaskView view = await TaskAsync(job);
        Assert.Equal(new string('m', Limits.Default.FailureLengthMax - 1), view.Failure?.Message);
        Assert.Equal(new string('c', Identifier.LengthMax), view.Failure?.Code);
        Assert.Null(await agent.SettleAsync(task, failed)); // Sent again, it is still the same.
    }

    [ContractFact]
    public async Task Settle_OfTooManyResults_IsRefused()
    {
        MayDie();
        Member agent = await RegisterAsync();
        await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        SettleRequest request = agent.Request(
            Enumerable.Repeat((task, (Settlement)new Settlement.GivenBack()), SettleRequest.ResultsMax + 1));

        Refused(RejectionCode.LimitExceeded, await Engine.SettleAsync(request, Ct));
        Assert.Empty(Accepted(await Engine.SettleAsync(request with { Results = default }, Ct)).Results);
        Assert.Null(await agent.SucceedAsync(task));
    }

    [ContractFact]
    public async Task Settle_AfterARestart_Counts()
    {
        MayDie();
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(2));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(2)];
        await Harness.RestartAsync(Ct);
        Assert.Null(await agent.SucceedAsync(tasks[0]));
        await Harness.RestartAsync(Ct);
        Assert.Null(await agent.SucceedAsync(tasks[1]));
        await Harness.RestartAsync(Ct);
        Assert.Equal("succeeded", (await JobAsync(job)).State);
    }

    private static IEnumerable<string?> Codes(SettleAnswer answer) => answer.Results.Select(r => r?.Code);
}
