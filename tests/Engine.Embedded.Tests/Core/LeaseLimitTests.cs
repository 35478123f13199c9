using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Core;

/// <summary>How many leases a session may hold.</summary>
public class LeaseLimitTests
{
    private static readonly AgentId Agent = new("a");
    private static readonly SessionId Session = new("s");
    private static readonly JobId Job = new("nightly");

    private readonly EngineCore _core = new(
        new CoreOptions { Limits = Limits.Default with { LeasesPerSessionMax = 1 } }, shardCount: 4, () => 0.5);

    [Fact]
    public void Two_requests_that_are_served_at_once_share_the_limit()
    {
        AgentOffer offer = new(["noop"], 2, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        Step(new CoreInput.ForAgent(Agent, new AgentCommand.Register(default, Session, offer)));
        Step(new CoreInput.AgentLoaded(Agent, AgentState.None, StreamHead.None));
        Step(Ask("1"), Ask("2"));

        Step(Submit());
        CoreBatch served = Step(new CoreInput.JobLoaded(Job, JobState.None, StreamHead.None));

        (object caller, object answer) = Assert.Single(served.Answers);
        Assert.Equal("1", caller);
        Assert.Single(((Reply<LeaseGrant>)answer).Value!.Tasks);
        Assert.Equal(1, _core.LeaseCount);
    }

    private static CoreInput.Lease Ask(string request) =>
        new(new LeaseRequest(Agent, Session, request, 1, TimeSpan.FromSeconds(10))) { Caller = request };

    private static CoreInput.ForJob Submit()
    {
        ImmutableArray<TaskSpec> tasks =
        [
            new TaskSpec { Kind = "noop", Payload = Payload.None },
            new TaskSpec { Kind = "noop", Payload = Payload.None },
        ];
        return new CoreInput.ForJob(Job, Submits.Of(tasks));
    }

    private CoreBatch Step(params IReadOnlyList<CoreInput> inputs)
    {
        CoreBatch batch = new();
        _core.Step(new Instant(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), TimeSpan.Zero), inputs, batch);
        return batch;
    }
}
