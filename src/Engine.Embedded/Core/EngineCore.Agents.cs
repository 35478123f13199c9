using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Leases;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine.Embedded.Core;

public sealed partial class EngineCore
{
    /// <summary>How often silent sessions are looked for.</summary>
    private static readonly TimeSpan SilenceCheckInterval = TimeSpan.FromSeconds(5);

    private TimeSpan _silenceCheckedAt;

    private void TakeAgentCommand(CoreInput.ForAgent input) => WithAgent(input.Agent, agent =>
    {
        _metadata = input.Metadata;
        if (input.Command is AgentCommand.Register && !agent.State.IsOpen && AreTooMany)
        {
            Answer(new Rejection(RejectionCode.LimitExceeded, $"There are {_options.AgentsMax} live agents."));
            return;
        }

        Rejection? rejection = KindsProblem(KindsOf(input.Command))
            ?? Apply(agent, input.Command with { Now = _now.Utc });
        if (rejection is null && agent.State.Phase == AgentPhase.None)
        {
            rejection = new Rejection(RejectionCode.SessionUnknown, $"Agent {input.Agent} never registered.");
        }

        if (agent.State.IsSignOfLife(input.Command))
        {
            agent.SeenAt = _now.Monotonic;
        }

        Answer(rejection is null ? ViewOf(agent) : rejection);

        void Answer(Reply<AgentView> reply) => _batch.Answer(input.Caller, reply);
    });

    /// <summary>Agents that are gone, or never came, are in memory too while a step concerns them.</summary>
    private bool AreTooMany => _agents.Count > _options.AgentsMax
        && _agents.Count - _touchedAgents.Count(a => !a.State.IsOpen) >= _options.AgentsMax;

    private Rejection? Apply(LiveAgent agent, AgentCommand command)
    {
        Touch(agent);
        Decision<AgentEvent> decision = AgentDecider.Decide(agent.Id, agent.State, command, _options.Limits);
        int shard = StreamNames.ShardOf(agent.Id.Value, _shardCount);
        foreach (AgentEvent e in decision.Events)
        {
            EventRecord record = EventCodec.Encode(agent.Stream, agent.Head, e, _metadata);
            _batch.Add(agent.Stream, agent.Head, shard, record);
            agent.Head = new StreamHead(agent.Head.Version + 1, record.Hash);
            CountOffer(agent.State, -1);
            agent.State = AgentDecider.Evolve(agent.State, e);
            CountOffer(agent.State, 1);
        }

        foreach (Message message in decision.Messages)
        {
            _mail.Enqueue(message);
        }

        return decision.Rejection;
    }

    private void TakeBeat(CoreInput.Beat input)
    {
        Heartbeat beat = input.Heartbeat;
        if (beat.Leases.Length > Heartbeat.LeasesMax)
        {
            _batch.Answer(input.Caller, (Reply<HeartbeatAnswer>)new Rejection(
                RejectionCode.LimitExceeded,
                $"A heartbeat names at most {Heartbeat.LeasesMax} leases, not {beat.Leases.Length}."));
            return;
        }

        WithAgent(beat.Agent, agent =>
        {
            if (AgentDecider.Absence(agent.Id, agent.State, beat.Session) is { } absence)
            {
                _batch.Answer(input.Caller, (Reply<HeartbeatAnswer>)absence);
                return;
            }

            agent.SeenAt = _now.Monotonic;
            ImmutableArray<LeaseAnswer>.Builder answers = ImmutableArray.CreateBuilder<LeaseAnswer>(beat.Leases.Length);
            foreach (HeldLease held in beat.Leases)
            {
                string? progress = held.Progress is { } said ? Identifier.Cut(said, HeldLease.ProgressLengthMax) : null;
                LeaseAnswer answer = _leases.Renew(beat.Holder, held.Task, held.Token, progress, _now.Monotonic);

                // Every leased task is in memory and in the book: what the book does not know has ended.
                answers.Add(answer == LeaseAnswer.Unknown ? LeaseAnswer.Lost : answer);
            }

            bool isDraining = agent.State.Phase == AgentPhase.Draining;
            _batch.Answer(
                input.Caller, (Reply<HeartbeatAnswer>)new HeartbeatAnswer(answers.DrainToImmutable(), isDraining));
        });
    }

    private void EndSilentSessions()
    {
        if (_now.Monotonic - _silenceCheckedAt < SilenceCheckInterval)
        {
            return;
        }

        _silenceCheckedAt = _now.Monotonic;
        LiveAgent[] silent =
        [
            .. _agents.Values.Where(a => a.State.IsOpen && !a.State.Offer!.IsInProcess
                && _now.Monotonic - a.SeenAt > _options.SessionSilenceMax && _leases.CountOf(a.Holder) == 0),
        ];
        foreach (LiveAgent agent in silent)
        {
            Apply(agent, new AgentCommand.EndSession(_now.Utc, agent.State.Session, "silent"));
        }

        Settle();
    }

    private void ForgiveSilence()
    {
        foreach (LiveAgent agent in _agents.Values)
        {
            agent.SeenAt = _now.Monotonic;
        }
    }

    private AgentView ViewOf(LiveAgent agent) => new(
        agent.Id,
        agent.State.Session,
        agent.State.Phase.ToString().ToLowerInvariant(),
        agent.State.Offer!,
        agent.State.RegisteredAt,
        _now.Monotonic - agent.SeenAt,
        _leases.CountOf(agent.Holder));

    /// <summary>Counts who takes tasks of which kind: not who drains.</summary>
    private void CountOffer(AgentState state, int change)
    {
        if (state.Phase == AgentPhase.Live)
        {
            foreach (string kind in state.Offer!.Kinds.Distinct())
            {
                QueueOf(kind).Agents += change;
                CountKind(kind, change);
            }
        }
    }

    private void Touch(LiveAgent agent)
    {
        _agents.TryAdd(agent.Id, agent);
        _touchedAgents.Add(agent);
    }

    private void Leave(LiveAgent agent)
    {
        _batch.SetOpen(agent.Stream, agent.State.IsOpen);
        if (!agent.State.IsOpen)
        {
            _agents.Remove(agent.Id);
        }
    }
}
