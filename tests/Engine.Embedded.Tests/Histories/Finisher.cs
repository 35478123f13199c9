using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Histories;

/// <summary>Today's engine on an old store, with an agent that does whatever there is.</summary>
internal sealed class Finisher : IAsyncDisposable
{
    private const int RoundsMax = 2_000;

    private static readonly AgentId Agent = new("finisher");
    private static readonly SessionId Session = new("finisher-1");

    private readonly ManualTime _time;
    private readonly EmbeddedEngine _engine;

    private Finisher(EmbeddedEngine engine, ManualTime time)
    {
        _engine = engine;
        _time = time;
    }

    public static async Task<Finisher> StartAsync(IEventStore store)
    {
        ManualTime time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)); // Long after it was written.
        return new Finisher(await EmbeddedEngine.StartAsync(store, new EngineOptions(), time), time);
    }

    /// <summary>Works until no job that was accepted is open.</summary>
    public async Task FinishAsync()
    {
        ImmutableArray<string> kinds = ["exec", "resize", "zip"];
        Stage.Accepted(await _engine.RegisterAsync(
            Agent, Session, new AgentOffer(kinds, 1, ImmutableSortedDictionary<string, string>.Empty, false), default));
        for (int round = 0; round < RoundsMax; round++)
        {
            IReadOnlyList<JobSummary> jobs =
                Stage.Accepted(await _engine.ListJobsAsync(new JobFilter(), null, 100, default)).Items;
            ImmutableArray<JobSummary> open = [.. jobs.Where(j => !j.IsEnded && j.SealedAt is not null)];
            if (open.IsEmpty && round > 0)
            {
                Assert.NotEmpty(jobs);
                return;
            }

            foreach (JobSummary paused in open.Where(j => j.IsPaused))
            {
                Stage.Accepted(await _engine.ResumeAsync(paused.Id, default));
            }

            await WorkAsync(round);
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.Fail("It does not come to an end.");
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private async Task WorkAsync(int round)
    {
        LeaseGrant grant = Stage.Accepted(await _engine.LeaseAsync(
            new LeaseRequest(Agent, Session, $"round-{round}", 100, TimeSpan.Zero), default));
        SettleAnswer answer = Stage.Accepted(await _engine.SettleAsync(
            new SettleRequest(
                Agent,
                Session,
                [.. grant.Tasks.Select(
                    t => new TaskResult(t.Task, t.Token, new Settlement.Succeeded(Payload.FromJson("1"))))]),
            default));
        Assert.All(answer.Results, Assert.Null);
    }
}
