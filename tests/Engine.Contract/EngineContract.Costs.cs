using Elasticity.Domain;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Costs_OfACleanTask_AreTwoEventsAndAShareOfOne()
    {
        MayDie();
        const int Count = 100;
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(Count));
        long before = await EventCountAsync();
        LeasedTask[] tasks = [.. await agent.LeaseAsync(Count)];
        await agent.BeatAsync(tasks);
        Assert.All(await agent.SucceedAllAsync(tasks), Assert.Null);

        Assert.Equal("succeeded", (await JobIsAsync("succeeded", job)).State);
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(["task-leased-1", "task-succeeded-1"], await TypesAsync(new TaskId(job, i)));
        }

        IReadOnlyList<StoredEvent> ofJob = await EventsAsync(job);
        Assert.Equal("job-ended-1", ofJob[^1].Record.Type);
        Assert.Equal(1, ofJob.Count(e => e.Record.Type == "job-outcomes-recorded-1"));
        Assert.Equal(before + (2 * Count) + 2, await EventCountAsync());
    }

    [ContractFact]
    public async Task Costs_OfATaskThatWaits_AreNothing()
    {
        MayDie();
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Specs(2));
        await Harness.AdvanceAsync(Lease * 3, Ct);
        await agent.LeaseOneAsync();
        Assert.Empty(await EventsAsync(new TaskId(job, 1)));
        Assert.Equal(0, (await TaskAsync(job, 1)).Version);
        Assert.Equal(StreamHead.None, await Harness.Store.ReadHeadAsync(StreamNames.Of(new TaskId(job, 1)), Ct));
    }
}
