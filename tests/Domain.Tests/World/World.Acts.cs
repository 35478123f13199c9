using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Queues;
using Elasticity.Domain.Tasks;
using Xunit;

namespace Elasticity.Domain.Tests.World;

/// <summary>What clients, agents and time do.</summary>
internal sealed partial class World
{
    private static readonly Failure Failure = new("exit-code", "The command ended with 1.", IsFinal: false);

    private void Draw()
    {
        int jobs = 2 + _random.Next(4);
        for (int i = 0; i < jobs; i++)
        {
            Plan plan = Plan.Draw(_random, $"job-{i}", _now);
            _jobs.Add(plan.Id.Value, new StoredJob(plan));
            _checker.Expect(plan);
        }

        int agents = 1 + _random.Next(3);
        for (int i = 0; i < agents; i++)
        {
            StoredAgent agent = new(new AgentId($"agent-{i}"));
            _agents.Add(agent.Id.Value, agent);
            Register(agent);
        }
    }

    // ---- Clients ----

    /// <summary>The client of a job does its next call, or repeats one.</summary>
    private void Submit(StoredJob job)
    {
        Plan plan = job.Plan;
        switch (job.State.Phase)
        {
            case JobPhase.None:
                Decide(job, new JobCommand.Open(_now, plan.Header, plan.Digest, plan.Tasks.Length));
                break;
            case JobPhase.Opening when job.State.TasksAdded < plan.Tasks.Length:
                int first = job.State.TasksAdded;
                int count = 1 + _random.Next(plan.Tasks.Length - first);
                JobCommand.AddTasks add = new(_now, first, plan.Tasks.Slice(first, count));
                Assert.True(Decide(job, add));
                AssertChangesNothing(() => Decide(job, add));
                break;
            case JobPhase.Opening:
                Assert.True(Decide(job, new JobCommand.Seal(_now)));
                break;
            default:
                AssertChangesNothing(
                    () => Decide(job, new JobCommand.Open(_now, plan.Header, plan.Digest, plan.Tasks.Length)));
                break;
        }
    }

    private void Meddle(StoredJob job)
    {
        int[] bad =
        [
            .. Enumerable.Range(0, job.State.Status.Count).Where(i => job.State.Status[i] > JobTaskStatus.Succeeded),
        ];
        JobCommand command = _random.Next(13) switch
        {
            0 => new JobCommand.Cancel(_now),
            1 => new JobCommand.Pause(_now),
            2 or 3 or 4 => new JobCommand.Resume(_now),
            < 9 => new JobCommand.Redrive(_now, bad.Length == 0 ? 0 : Pick(bad)),
            < 12 => new JobCommand.Redrive(_now, null),
            _ => new JobCommand.ErasePayloads(_now, bad.Length == 0 ? null : Pick(bad)),
        };
        Decide(job, command);
    }

    // ---- Agents ----

    private void Register(StoredAgent agent)
    {
        if (agent.Process is { } former)
        {
            agent.Former.Add(former);
        }

        agent.Process = new SessionId($"session-{++agent.Sessions}"); // Others choose the same.
        AgentCommand.Register register = new(_now, agent.Process.Value, Support.Some.AgentOffer(Plan.Kinds));
        Assert.Null(Decide(agent, register));
        AssertChangesNothing(() => Decide(agent, register));
    }

    private void EndSession(StoredAgent agent)
    {
        if (agent.Process is { } session)
        {
            // The process tells, or is found dead by somebody else, and may have registered again by then.
            Decide(agent, new AgentCommand.EndSession(_now, session, Happens(0.5) ? "closed" : "process-dead"));
            agent.Former.Add(session);
            agent.Process = null;
        }
    }

    private void RegisterLate(StoredAgent agent)
    {
        if (agent.Former.Count > 0)
        {
            AgentCommand late = new AgentCommand.Register(_now, agent.Former[^1], Support.Some.AgentOffer(Plan.Kinds));
            AssertChangesNothing(() => Decide(agent, late));
        }
    }

    private bool LeaseOne(StoredAgent agent, string kind)
    {
        if (agent.Process is not { } session
            || AgentDecider.WhyNotLease(agent.Id, agent.State, session) is not null
            || !_queues[kind].TryTake(out ReadyTask ready))
        {
            return false;
        }

        Plan plan = _jobs[ready.Task.Job.Value].Plan;
        TaskTerms terms = plan.Tasks[ready.Task.Index].Terms(plan.Header.Policy);
        TaskCommand.Grant grant = new(_now, ready.Run, new Holder(agent.Id, session), $"request-{_recorded}", terms);
        if (Decide(ready.Task, grant) is null)
        {
            if (!Happens(_faults.AnswerLost))
            {
                agent.Held.Add(new Held(ready.Task, grant.Holder, Task(ready.Task).State.Token));
            }

            AssertChangesNothing(() => Decide(ready.Task, grant));
        }

        return true;
    }

    private void Heartbeat(StoredAgent agent)
    {
        foreach (Held held in agent.Held.Where(h => h.Holder.Session == agent.Process && h.Reported is null).ToArray())
        {
            LeaseAnswer answer = _book.Renew(held.Holder, held.Task, held.Token, null, Monotonic);
            TaskState task = Task(held.Task).State;
            if (answer == LeaseAnswer.Unknown && task.Lease?.Token == held.Token)
            {
                // The book has not heard of it, but it is current: mind it.
                Send([TaskDecider.Outstanding(held.Task, task)!]);
            }
            else if (answer is LeaseAnswer.Unknown or LeaseAnswer.Lost)
            {
                agent.Held.Remove(held);
            }
            else if (answer == LeaseAnswer.CancelRequested && Happens(0.5))
            {
                Settle(held, new Settlement.GivenBack());
            }
        }
    }

    private void SettleSome(StoredAgent agent)
    {
        // Also what it held in former lives, and what it reported before: late, twice, contradicting itself.
        Held[] candidates =
        [
            .. agent.Held.Where(
                h => (h.Reported is null && h.Holder.Session == agent.Process) || Happens(_faults.Clumsy)),
        ];
        if (candidates.Length == 0)
        {
            return;
        }

        Held held = Pick(candidates);
        Settlement settlement = _random.Next(6) switch
        {
            0 => new Settlement.Failed(Failure, Payload.None),
            1 => new Settlement.Failed(Failure with { IsFinal = true }, Payload.None),
            2 => new Settlement.GivenBack(),
            _ => new Settlement.Succeeded(Payload.FromJson($"{_recorded}")),
        };
        Settle(held, held.Reported is { } before && Happens(0.7) ? before : settlement);
    }

    private void Settle(Held held, Settlement settlement)
    {
        TaskCommand.Settle settle = new(_now, held.Holder, held.Token, settlement, _random.NextDouble());
        bool isCurrent = Task(held.Task).State.Lease?.Token == held.Token;
        Rejection? rejection = Decide(held.Task, settle);

        Assert.True(rejection is null || !isCurrent, $"{held} is current, and its report was refused: {rejection}");
        Assert.True(rejection is null || settlement != held.Accepted, $"{held} was settled, and is refused now.");
        if (rejection is null)
        {
            held.Accepted = settlement;
            AssertChangesNothing(() => Assert.Null(Decide(held.Task, settle)));
        }
        else
        {
            Assert.Equal(RejectionCode.LeaseLost, rejection.Code);
            AssertChangesNothing(() => Assert.NotNull(Decide(held.Task, settle)));
        }

        held.Reported ??= settlement;
    }

    // ---- Time ----

    private void Wait(TimeSpan length)
    {
        _now += length;
        foreach (ReadyQueue queue in _queues.Values)
        {
            queue.Advance(_now);
        }

        if (Happens(_faults.Clumsy * 0.1))
        {
            _book.GiveGrace(Monotonic);
        }

        foreach (DueLease due in _book.TakeDue(Monotonic, 1_000))
        {
            Decide(due.Task, due.IsConfirmed
                ? new TaskCommand.Expire(_now, due.Token)
                : new TaskCommand.Lose(_now, due.Token, "unconfirmed"));
        }
    }

    private void AssertChangesNothing(Action act)
    {
        int before = _recorded;
        act();
        Assert.True(before == _recorded, "Done twice, it changed something.");
    }
}
