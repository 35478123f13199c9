using Elasticity.Domain;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task NotBefore_HoldsATaskBackUntilThen()
    {
        Member agent = await RegisterAsync();
        DateTimeOffset due = Harness.Now.AddSeconds(3);
        JobId job = await SubmitAsync(Spec() with { NotBefore = due }, Spec() with { LeaseLength = Forever });
        await HalfWayAsync();
        Assert.Equal([1], (await agent.LeaseAsync(9)).Select(t => t.Task.Index));
        TaskView view = await TaskAsync(job);
        Assert.Equal(("pending", due), (view.State, view.NotBefore));
        QueueView queue = (await QueueAsync())!;
        Assert.Equal((0, 1, 1), (queue.Ready, queue.Delayed, queue.Leased));

        Task<Reply<LeaseGrant>> waiting = await agent.WaitForOneAsync();
        await Harness.AdvanceAsync(TimeSpan.FromSeconds(1), Ct);
        Assert.False(waiting.IsCompleted);
        await Harness.AdvanceAsync(TimeSpan.FromSeconds(3), Ct);
        Assert.Equal(0, Assert.Single(Accepted(await waiting).Tasks).Task.Index);
    }

    [ContractFact]
    public async Task NotBefore_InThePast_HoldsNothingBack()
    {
        Member agent = await RegisterAsync();
        await SubmitAsync(Spec() with { NotBefore = Harness.Now.AddDays(-3) });
        await HalfWayAsync();
        await agent.LeaseOneAsync();
    }

    [ContractFact]
    public async Task UnknownKind_WaitsAndShowsInTheDiagnosis()
    {
        Member agent = await RegisterAsync();
        JobId job = await SubmitAsync(Spec() with { Kind = "rare" });
        Assert.Empty(await agent.LeaseAsync());
        await HalfWayAsync();

        Assert.Contains(await Engine.DiagnoseAsync(Ct), f => f is { Code: "no-agent", Subject: "rare" });
        Assert.Equal((1, 0), (await QueueAsync("rare") is { } q ? (q.Ready, q.Agents) : default));
        Assert.Equal("ready", (await TaskAsync(job)).State);

        Member able = await RegisterAsync("rare");
        Assert.Empty(await Engine.DiagnoseAsync(Ct));
        Assert.Equal(1, (await able.LeaseOneAsync()).Token); // Waiting burnt nothing.
    }
}
