using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Leases;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    [ContractFact]
    public async Task Register_Repeated_IsHarmless()
    {
        Member agent = await RegisterAsync();
        await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        await HalfWayAsync();
        AgentView view = Accepted(await Engine.RegisterAsync(agent.Id, agent.Session, Member.Offer(Kind), Ct));

        Assert.Equal((agent.Id, agent.Session, "live", 1), (view.Id, view.Session, view.State, view.LeaseCount));
        Assert.Single(await EventsAsync(StreamNames.Of(agent.Id)), e => e.Record.Type == "agent-registered-1");
        Assert.Null(await agent.SucceedAsync(task));
    }

    [ContractFact]
    public async Task Register_Again_SupersedesTheOlderSession()
    {
        Member agent = await RegisterAsync();
        await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        await agent.BeatAsync(task);
        SessionId old = agent.Session;
        await HalfWayAsync();
        await agent.RegisterAsync();

        LeasedTask again = await agent.LeaseOneAsync();
        Assert.Equal((task.Task, 2L), (again.Task, again.Token));
        Refused(RejectionCode.AgentSuperseded, await Engine.HeartbeatAsync(new Heartbeat(agent.Id, old, []), Ct));
        Refused(RejectionCode.AgentSuperseded, await Engine.DrainAsync(agent.Id, old, Ct));
        Refused(RejectionCode.AgentSuperseded, await Engine.LeaseAsync(agent.Ask() with { Session = old }, Ct));
        Refused(RejectionCode.AgentSuperseded, await Engine.RegisterAsync(agent.Id, old, Member.Offer(Kind), Ct));
        Assert.Equal(agent.Session, Assert.Single(await Engine.ListAgentsAsync(Ct)).Session);
        StoredEvent lost = (await EventsAsync(task.Task))[1];
        Assert.Equal("task-lost-1", lost.Record.Type);
        Assert.Equal("agent-superseded", ContentOf(lost).GetProperty("reason").GetString());
    }

    [ContractFact]
    public async Task Register_Again_EndsTheWaitOfTheOlderSession()
    {
        MayDie();
        Member agent = await RegisterAsync();
        Task<Reply<LeaseGrant>> waiting = await agent.WaitForOneAsync();
        await agent.RegisterAsync();
        Refused(RejectionCode.AgentSuperseded, await waiting);
    }

    [ContractFact]
    public async Task Register_WithAnImpossibleOffer_IsRefused()
    {
        MayDie();
        AgentId id = new("agent");
        SessionId session = new("session");
        AgentOffer offer = Member.Offer(Kind);
        ImmutableSortedDictionary<string, string> labels = ImmutableSortedDictionary<string, string>.Empty;

        async Task RefusedAsync(string code, AgentId agent, SessionId life, AgentOffer bad) =>
            Refused(code, await Engine.RegisterAsync(agent, life, bad, Ct));

        await RefusedAsync(RejectionCode.Invalid, id, session, offer with { Kinds = [] });
        await RefusedAsync(RejectionCode.Invalid, id, session, offer with { Kinds = default });
        await RefusedAsync(RejectionCode.Invalid, id, session, offer with { Kinds = ["no kind"] });
        await RefusedAsync(RejectionCode.Invalid, id, session, offer with { Slots = 0 });
        await RefusedAsync(RejectionCode.Invalid, id, session, offer with { Labels = labels.Add("a", "\0") });
        await RefusedAsync(RejectionCode.Invalid, new AgentId("a/b"), session, offer);
        await RefusedAsync(RejectionCode.Invalid, new AgentId("a\0b"), session, offer);
        await RefusedAsync(RejectionCode.Invalid, id, new SessionId(string.Empty), offer);
        await RefusedAsync(
            RejectionCode.LimitExceeded,
            id,
            session,
            offer with { Kinds = [.. Enumerable.Range(0, 257).Select(i => $"kind-{i}")] });
        Assert.Empty(await Engine.ListAgentsAsync(Ct));
        await RegisterAsync();
    }

    [ContractFact]
    public async Task Close_GivesTheLeasesBackAsLost()
    {
        Member agent = await RegisterAsync();
        Member other = await RegisterAsync();
        await SubmitAsync(Specs(2));
        LeasedTask task = await agent.LeaseOneAsync();
        await HalfWayAsync();
        Assert.Equal("gone", Accepted(await Engine.CloseAsync(agent.Id, agent.Session, Ct)).State);

        Assert.Contains(task.Task, (await other.LeaseAsync(2)).Select(t => t.Task));
        StoredEvent lost = (await EventsAsync(task.Task))[1];
        Assert.Equal("closed", ContentOf(lost).GetProperty("reason").GetString());
        Refused(RejectionCode.SessionUnknown, await agent.TryBeatAsync());
        Refused(RejectionCode.SessionUnknown, await Engine.LeaseAsync(agent.Ask(), Ct));
        Assert.Equal(RejectionCode.LeaseLost, (await agent.SucceedAsync(task))?.Code);
        Assert.Equal([other.Id], (await Engine.ListAgentsAsync(Ct)).Select(a => a.Id));

        await HalfWayAsync();
        Assert.Equal("gone", Accepted(await Engine.CloseAsync(agent.Id, agent.Session, Ct)).State);
        Refused(
            RejectionCode.SessionUnknown, await Engine.CloseAsync(new AgentId("nobody"), new SessionId("none"), Ct));
    }

    [ContractFact]
    public async Task Close_OfAnOlderSession_LeavesTheNewOneAlone()
    {
        MayDie();
        Member agent = await RegisterAsync();
        SessionId old = agent.Session;
        await agent.RegisterAsync();
        AgentView view = Accepted(await Engine.CloseAsync(agent.Id, old, Ct));

        Assert.Equal(agent.Session, view.Session);
        Accepted(await agent.TryBeatAsync());
    }

    [ContractFact]
    public async Task TwoAgents_WithTheSameSessionAndRequestIds_ShareNothing()
    {
        MayDie();
        Member one = await RegisterAsync();
        Member two = await RegisterAsync();
        Assert.Equal(one.Session, two.Session);
        LeaseRequest ofOne = one.Ask(max: 2);
        LeaseRequest ofTwo = ofOne with { Agent = two.Id };
        await SubmitAsync(Specs(2));

        LeaseGrant given = Accepted(await Engine.LeaseAsync(ofOne with { Max = 1 }, Ct));
        LeasedTask task = Assert.Single(given.Tasks);
        LeasedTask rest = Assert.Single(Accepted(await Engine.LeaseAsync(ofTwo, Ct)).Tasks);
        Assert.NotEqual(task.Task, rest.Task);
        Assert.Equal([LeaseAnswer.Lost, LeaseAnswer.Renewed], await two.BeatAsync(task, rest));
        Assert.Equal(RejectionCode.LeaseLost, (await two.SucceedAsync(task))?.Code);

        Accepted(await Engine.CloseAsync(two.Id, two.Session, Ct));
        Assert.Equal([LeaseAnswer.Renewed], await one.BeatAsync(task));
        Assert.Null(await one.SucceedAsync(task));
        StoredEvent refused = (await EventsAsync(task.Task))[1];
        Assert.Equal(two.Id.Value, ContentOf(refused).GetProperty("agent").GetString());
    }

    [ContractFact]
    public async Task Drain_LetsTheSessionFinishAndGivesNothingNew()
    {
        Member agent = await RegisterAsync();
        Member other = await RegisterAsync();
        await SubmitAsync(Specs(1));
        LeasedTask task = await agent.LeaseOneAsync();
        Task<Reply<LeaseGrant>> waiting = await agent.WaitForOneAsync();
        Assert.Equal("draining", Accepted(await Engine.DrainAsync(agent.Id, agent.Session, Ct)).State);

        Refused(RejectionCode.AgentDraining, await waiting);
        await HalfWayAsync();
        await SubmitAsync(Specs(1));
        Refused(RejectionCode.AgentDraining, await Engine.LeaseAsync(agent.Ask(), Ct));
        Assert.Equal([LeaseAnswer.Renewed], await agent.BeatAsync(task));
        Assert.Null(await agent.SucceedAsync(task));
        await other.LeaseOneAsync();
        Assert.Equal("draining", Accepted(await Engine.DrainAsync(agent.Id, agent.Session, Ct)).State);
        Refused(RejectionCode.SessionUnknown, await Engine.DrainAsync(new AgentId("nobody"), agent.Session, Ct));
    }

    [ContractFact]
    public async Task Drain_OfTheOnlyAgent_LeavesItsKindWithoutAny()
    {
        Member agent = await RegisterAsync();
        await SubmitAsync(Specs(1));
        Accepted(await Engine.DrainAsync(agent.Id, agent.Session, Ct));
        await HalfWayAsync();

        Assert.Equal(0, (await QueueAsync())!.Agents);
        Assert.Contains(await Engine.DiagnoseAsync(Ct), f => f is { Code: "no-agent", Subject: Kind });
    }

    [ContractFact]
    public async Task Session_ThatIsSilentAndHoldsNothing_Ends()
    {
        Member agent = await RegisterAsync();
        Member busy = await RegisterAsync();
        await HalfWayAsync();
        for (int i = 0; i < 4; i++)
        {
            await Harness.AdvanceAsync(Settings.SessionSilenceMax / 3, Ct);
            await busy.BeatAsync();
        }

        Assert.Equal([busy.Id], (await Engine.ListAgentsAsync(Ct)).Select(a => a.Id));
        Assert.Equal(1, (await QueueAsync())!.Agents);
        StoredEvent ended = (await EventsAsync(StreamNames.Of(agent.Id)))[^1];
        Assert.Equal("agent-session-ended-1", ended.Record.Type);
        Assert.Equal("silent", ContentOf(ended).GetProperty("reason").GetString());
        Refused(RejectionCode.SessionUnknown, await agent.TryBeatAsync());
    }

    [ContractFact]
    public async Task Session_ThatWaitsForALease_IsNotSilent()
    {
        MayDie();
        Member agent = await RegisterAsync();
        Task<Reply<LeaseGrant>> waiting = await agent.WaitForOneAsync();
        await Harness.AdvanceAsync(Settings.SessionSilenceMax + TimeSpan.FromSeconds(10), Ct);

        Assert.False(waiting.IsCompleted);
        await SubmitAsync(Specs(1));
        Assert.Single(Accepted(await waiting).Tasks);
    }
}
