using System.Collections.Concurrent;
using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    private const int StressAgents = 20;
    private const int StressJobs = 4;
    private const int StressTasks = 2_000;

    [ContractFact]
    public async Task Stress_OfManyAgentsThatFailAndGiveBack_GivesEachTaskOneOutcome()
    {
        List<JobId> jobs = [];
        for (int i = 0; i < StressJobs; i++)
        {
            RetryPolicy retry = new() { AttemptsMax = 1_000, First = TimeSpan.Zero };
            jobs.Add(await SubmitAsync([.. Specs(StressTasks / StressJobs).Select(
                s => s with { Retry = retry, LeaseLength = TimeSpan.FromMinutes(10) })]));
        }

        ConcurrentDictionary<(TaskId, long), Member> holders = new();
        ConcurrentDictionary<TaskId, int> successes = new();
        Member[] agents = await Task.WhenAll(Enumerable.Range(0, StressAgents).Select(_ => RegisterAsync()));
        await Task.WhenAll(agents.Select(
            (agent, i) => Task.Run(() => WorkAsync(agent, new Random(i), holders, successes))));

        await HalfWayAsync();
        foreach (JobId job in jobs)
        {
            JobSummary summary = await JobIsAsync("succeeded", job);
            Assert.Equal(StressTasks / StressJobs, summary.Counts.Succeeded);
        }

        Assert.Equal(StressTasks, successes.Count);
        Assert.All(successes.Values, count => Assert.Equal(1, count));
        LogFacts facts = await LogCheck.VerifyAsync(Harness.Store, Harness.IsAtomic, Ct);
        Assert.Equal(holders.Count, facts.Tasks.Values.Sum(t => t.Token));
        Assert.All(facts.Tasks.Values, t => Assert.Single(t.Successes));
    }

    /// <summary>Leases, and succeeds, fails or gives back by chance, until nothing comes any more.</summary>
    private async Task WorkAsync(
        Member agent,
        Random chance,
        ConcurrentDictionary<(TaskId, long), Member> holders,
        ConcurrentDictionary<TaskId, int> successes)
    {
        int idle = 0;
        while (idle < 3 && successes.Count < StressTasks)
        {
            ImmutableArray<LeasedTask> tasks = await agent.LeaseAsync(chance.Next(1, 30));
            idle = tasks.IsEmpty ? idle + 1 : 0;
            if (chance.Next(4) == 0)
            {
                await agent.BeatAsync(tasks);
            }

            (LeasedTask Task, Settlement Settlement)[] results = [.. tasks.Select(t => (t, SomeSettlement(chance)))];
            Assert.All(tasks, t => Assert.True(holders.TryAdd((t.Task, t.Token), agent), $"{t.Task} was given twice."));
            SettleAnswer answer = Accepted(await Engine.SettleAsync(agent.Request(results), Ct));
            Assert.All(answer.Results, Assert.Null);
            foreach ((LeasedTask task, _) in results.Where(r => r.Settlement is Settlement.Succeeded))
            {
                successes.AddOrUpdate(task.Task, 1, (_, count) => count + 1);
            }

            // Somebody else holds what is left; let them go first.
            await (tasks.IsEmpty ? Harness.AdvanceAsync(TimeSpan.Zero, Ct) : Task.CompletedTask);
            idle = successes.Count < StressTasks ? Math.Min(idle, 2) : idle;
        }
    }

    private static Settlement SomeSettlement(Random chance) => chance.Next(10) switch
    {
        < 6 => new Settlement.Succeeded(Json("1")),
        < 8 => new Settlement.Failed(new Failure("boom", "It broke.", false), Payload.None),
        _ => new Settlement.GivenBack(),
    };
}
