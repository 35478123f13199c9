using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Leases;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Policy_FailAtEnd_LetsTheOtherTasksGoOn()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(3));
        Assert.Null(await agent.FailAsync(await agent.LeaseOneAsync(), isFinal: true));
        await HalfWayAsync();
        Assert.Equal("open", (await JobAsync(job)).State);
        Assert.Contains(await Engine.DiagnoseAsync(Ct), f => f is { Code: "dead-letters" } && f.Subject == job.Value);

        await agent.SucceedAllAsync(await agent.LeaseAllAsync());
        JobSummary summary = await JobAsync(job);
        Assert.Equal(("failed", 2, 1), (summary.State, summary.Counts.Succeeded, summary.Counts.DeadLettered));
    }

    [ContractFact]
    public async Task Policy_FailFast_StopsTheRest()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(new JobPolicy { OnDeadLetter = DeadLetterRule.FailFast }, Specs(4));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(2)];
        Assert.Null(await agent.FailAsync(tasks[0], isFinal: true));
        await HalfWayAsync();

        await JobIsAsync("failing", job, j => j.Counts.Cancelled == 2);
        Assert.Equal([LeaseAnswer.CancelRequested], await agent.BeatAsync(tasks[1]));
        Assert.Empty(await agent.LeaseAsync());
        Assert.Null(await agent.GiveBackAsync(tasks[1]));
        JobSummary summary = await JobIsAsync("failed", job);
        Assert.Equal((1, 3), (summary.Counts.DeadLettered, summary.Counts.Cancelled));
    }

    [ContractFact]
    public async Task Policy_FailFast_CanStillBeCancelled()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(new JobPolicy { OnDeadLetter = DeadLetterRule.FailFast }, Specs(2));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(2)];
        Assert.Null(await agent.FailAsync(tasks[0], isFinal: true));
        await HalfWayAsync();
        Assert.Equal("cancelling", Accepted(await Engine.CancelAsync(job, Ct)).State);
        Assert.Null(await agent.GiveBackAsync(tasks[1]));

        await JobIsAsync("cancelled", job);
    }

    [ContractFact]
    public async Task Policy_Ignore_SucceedsAllTheSame()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(new JobPolicy { OnDeadLetter = DeadLetterRule.Ignore }, Specs(2));
        LeasedTask[] tasks = [.. await agent.LeaseAsync(2)];
        Assert.Null(await agent.FailAsync(tasks[0], isFinal: true));
        await HalfWayAsync();
        Assert.Null(await agent.SucceedAsync(tasks[1]));

        JobSummary summary = await JobAsync(job);
        Assert.Equal(("succeeded", 1), (summary.State, summary.Counts.DeadLettered));
    }

    [ContractFact]
    public async Task Policy_OfTheJob_AppliesToTasksThatDoNotSay()
    {
        Member agent = await RegisterAsync();
        JobPolicy policy = new()
        {
            LeaseLength = TimeSpan.FromSeconds(77),
            Retry = new() { AttemptsMax = 1 },
        };
        JobId job = await SubmitAsync(policy, new TaskSpec { Kind = Kind });
        await HalfWayAsync();

        LeasedTask task = await agent.LeaseOneAsync();
        Assert.Equal(TimeSpan.FromSeconds(77), task.LeaseLength);
        Assert.Null(await agent.FailAsync(task));
        Assert.Equal("attempts-exhausted", (await TaskAsync(job)).Reason);
    }
}
