using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;

namespace Elasticity.Domain.Tests.World;

/// <summary>First everything goes wrong, then nothing: safety, then liveness.</summary>
internal sealed partial class World
{
    /// <summary>Does random things, and lets random things go wrong.</summary>
    public void Rage(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Act(Pick(_jobs.Values), Pick(_agents.Values));
        }
    }

    /// <summary>Nothing goes wrong any more, and every agent does its work: every job ends.</summary>
    /// <param name="isSwept">Whether the open streams repeat what they wait for, as they must when something was
    /// lost.</param>
    /// <returns>How many rounds it took.</returns>
    public int Calm(bool isSwept)
    {
        _faults = Faults.None;
        foreach (StoredJob job in _jobs.Values.Where(j => j.State.IsPaused))
        {
            Decide(job, new JobCommand.Resume(_now));
        }

        int round = 0;
        // A step of a chain may need a back-off, a time before which it must not begin, and a lease to run out.
        int most = 12 + (6 * Depth);
        while (_jobs.Values.Any(j => !j.State.IsEnded))
        {
            Assert.True(round++ < most, $"Not ended after {most} rounds:\n{StuckJobs()}");
            foreach (StoredJob job in _jobs.Values.Where(j => j.State.Phase is JobPhase.None or JobPhase.Opening))
            {
                Submit(job);
            }

            DeliverAll();
            if (isSwept)
            {
                SweepAll();
                DeliverAll();
            }

            Wait(TimeSpan.FromSeconds(5));
            DeliverAll();
            foreach (StoredAgent agent in _agents.Values)
            {
                Work(agent);
            }

            DeliverAll();
        }

        AssertNothingIsLeftToDo(isEmpty: !isSwept);
        AssertStateIsFold();
        return round;
    }

    private void Act(StoredJob job, StoredAgent agent)
    {
        switch (_random.Next(100))
        {
            case < 40:
                DeliverOne();
                break;
            case < 50:
                Submit(job);
                break;
            case < 55:
                Meddle(job);
                break;
            case < 65:
                LeaseOne(agent, Pick(Plan.Kinds));
                break;
            case < 77:
                SettleSome(agent);
                break;
            case < 84:
                Heartbeat(agent);
                break;
            case < 92:
                Wait(TimeSpan.FromSeconds(_random.NextDouble() * 3));
                break;
            case < 94 when agent.Process is null:
                Register(agent);
                break;
            case < 96 when Happens(_faults.Clumsy):
                ActClumsily(agent);
                break;
            case < 98 when _faults.Lost > 0 || _faults.Forgotten > 0:
                SweepAll(); // A supervisor passes by.
                break;
            default:
                if (Happens(_faults.Forgotten))
                {
                    Note("lost", "all soft state");
                    ForgetSoftState();
                    SweepAll();
                }

                break;
        }
    }

    private void ActClumsily(StoredAgent agent)
    {
        switch (_random.Next(5))
        {
            case 0:
                Register(agent); // While the older session is still live.
                break;
            case 1:
                EndSession(agent);
                break;
            case 2:
                RegisterLate(agent);
                break;
            case 3:
                Decide(agent, new AgentCommand.Drain(_now, agent.Process ?? new SessionId("nobody")));
                break;
            case 4:
                Decide(agent, new AgentCommand.Attach(_now)); // Somebody else minds its leases now.
                break;
        }
    }

    /// <summary>An agent as it should be: registers, leases whatever there is, does it and reports.</summary>
    private void Work(StoredAgent agent)
    {
        if (agent.Process is not { } session
            || AgentDecider.WhyNotLease(agent.Id, agent.State, session) is not null)
        {
            Register(agent);
        }

        DeliverAll();
        Heartbeat(agent);
        foreach (string kind in Plan.Kinds)
        {
            while (LeaseOne(agent, kind))
            {
                DeliverAll();
            }
        }

        foreach (Held held in agent.Held.Where(h => h.Holder.Session == agent.Process && h.Reported is null).ToArray())
        {
            Settle(held, new Settlement.Succeeded(Payload.None));
        }
    }

    /// <summary>Whatever still lies about in queues and lease book leads to nothing. When a job that is paused ends and
    /// the queue does not hear of it, something does lie about.</summary>
    private void AssertNothingIsLeftToDo(bool isEmpty)
    {
        StoredAgent agent = _agents.Values.First();
        Register(agent);
        DeliverAll();
        AssertChangesNothing(() =>
        {
            SweepAll();
            Wait(TimeSpan.FromDays(1));
            foreach (string kind in Plan.Kinds)
            {
                while (LeaseOne(agent, kind))
                {
                }
            }

            DeliverAll();
            Assert.True(!isEmpty || _queues.Values.All(q => q.ReadyCount + q.DelayedCount == 0));
            Assert.Equal(0, _book.Count);
        });
    }

    private void AssertStateIsFold()
    {
        Assert.All(_jobs.Values, j => Assert.Equal(
            Show.Of(j.State), Show.Of(j.Events.Aggregate(JobState.None, JobDecider.Evolve))));
        Assert.All(_tasks.Values, t => Assert.Equal(
            Show.Of(t.State), Show.Of(t.Events.Aggregate(TaskState.Untouched, TaskDecider.Evolve))));
        Assert.All(_agents.Values, a => Assert.Equal(
            Show.Of(a.State), Show.Of(a.Events.Aggregate(AgentState.None, AgentDecider.Evolve))));
    }

    private string StuckJobs() => string.Join("\n", _jobs.Values.Where(j => !j.State.IsEnded).Select(j =>
        $"{j.Plan.Id} {j.State.Phase} {j.State.Counts}\n" + string.Join("\n", j.Plan.Tasks.Select((t, i) =>
            $"  {i} after [{string.Join(", ", t.DependsOn)}]: {(j.State.SealedAt is null ? "" : j.State.Status[i])} "
            + $"run {j.State.RunOf(i)}; {Task(new TaskId(j.Plan.Id, i)).State.Phase} "
            + $"run {Task(new TaskId(j.Plan.Id, i)).State.Run}"))));
}
