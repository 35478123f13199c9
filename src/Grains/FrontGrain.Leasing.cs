using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Queues;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Grains;

/// <summary>Leasing: the agent says whether, the queues say which, the jobs say what, the tasks grant.</summary>
public sealed partial class FrontGrain
{
    /// <summary>How often a session that has no room left is asked again.</summary>
    private static readonly TimeSpan RoomInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>So often a queue may hand out nothing that can be leased before the next one is asked: a clock that is
    /// behind that of the queue must not turn round and round.</summary>
    private const int BarrenRoundsMax = 16;

    /// <summary>Which shard of a kind is asked first: the next one each time.</summary>
    private int _rotation;

    /// <inheritdoc/>
    public async Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        if (!Identifier.IsValid(request.Agent.Value))
        {
            return new LeaseReply(AgentDecider.WhyNotLease(request.Agent, AgentState.None, request.Session)!);
        }

        Guid ticket = Guid.NewGuid();
        TimeSpan until = clock.Monotonic + request.Wait;
        IAgentGrain agent = Agent(request.Agent);
        LeaseOpening opening = await agent.OpenLeaseAsync(request, ticket);
        if (opening.Older is { } older)
        {
            await AbandonAsync(older);
        }

        try
        {
            if (!opening.Given.IsDefaultOrEmpty)
            {
                return new LeaseReply(new LeaseGrant(await GiveAgainAsync(opening.Given)));
            }

            ImmutableArray<string> woken = [];
            while (true)
            {
                if (opening.Rejection is { } rejection)
                {
                    return new LeaseReply(rejection);
                }

                if (opening.IsReplaced || cancellationToken.IsCancellationRequested)
                {
                    return new LeaseReply(LeaseGrant.Nothing, opening.IsReplaced);
                }

                ImmutableArray<LeasedTask> leased = await TakeAsync(request, ticket, opening, woken);
                TimeSpan left = until - clock.Monotonic;
                if (!leased.IsEmpty || left <= TimeSpan.Zero)
                {
                    return new LeaseReply(leased.IsEmpty ? LeaseGrant.Nothing : new LeaseGrant(leased));
                }

                woken = await WaitAsync(opening, ticket, left, cancellationToken);
                opening = await agent.ReopenLeaseAsync(request, ticket);
            }
        }
        finally
        {
            await CloseAsync(agent, ticket);
        }
    }

    /// <summary>An agent's grain that is just moving must not take the leases along that were given.</summary>
    private async Task CloseAsync(IAgentGrain agent, Guid ticket)
    {
        try
        {
            await agent.CloseLeaseAsync(ticket);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            counter.AddUndelivered(1); // The wait is forgotten when it is over.
        }
    }

    /// <inheritdoc/>
    public async Task AbandonLeaseAsync(AgentId agent, SessionId session, string request)
    {
        if (Identifier.IsValid(agent.Value) && await Agent(agent).AbandonLeaseAsync(session, request) is { } wait)
        {
            await AbandonAsync(wait);
        }
    }

    /// <summary>Takes what there is, of the queues that woke it and all others. Those of which nothing more is wanted
    /// are told, for somebody else waits there perhaps; the tick of a queue that does not hear it does the
    /// same.</summary>
    private async Task<ImmutableArray<LeasedTask>> TakeAsync(
        LeaseRequest request, Guid ticket, LeaseOpening opening, ImmutableArray<string> woken)
    {
        ImmutableArray<LeasedTask>.Builder leased = ImmutableArray.CreateBuilder<LeasedTask>();
        int limit = Math.Min(request.Max, opening.Room);
        int start = _rotation = (_rotation + 1) % options.QueueShards;
        foreach (string key in opening.Kinds.SelectMany(k => QueueKey.Of(k, options.QueueShards, start)))
        {
            IQueueGrain queue = Queue(key);
            if (leased.Count >= limit)
            {
                if (woken.Contains(key))
                {
                    queue.AbandonAsync(ticket).Ignore();
                }

                continue;
            }

            ImmutableArray<ReadyTask> ready;
            int barren = 0;
            while (leased.Count < limit && barren < BarrenRoundsMax
                && !(ready = await queue.TakeAsync(limit - leased.Count, ticket)).IsEmpty)
            {
                ImmutableArray<LeasedTask> granted = await GrantAsync(request, ready);
                barren = granted.IsEmpty ? barren + 1 : 0;
                leased.AddRange(granted);
            }
        }

        return leased.DrainToImmutable();
    }

    private async Task<ImmutableArray<LeasedTask>> GrantAsync(LeaseRequest request, ImmutableArray<ReadyTask> ready)
    {
        Dictionary<ReadyTask, (TaskSpec Spec, TaskTerms Terms)> admitted = [];
        foreach (IGrouping<JobId, ReadyTask> ofJob in ready.GroupBy(r => r.Task.Job))
        {
            ImmutableArray<ReadyTask> tasks = [.. ofJob];
            if (await TryAdmitAsync(ofJob.Key, tasks) is not { } admission)
            {
                continue;
            }

            foreach ((ReadyTask task, TaskSpec? spec) in tasks.Zip(admission.Specs).Where(t => t.Second is not null))
            {
                admitted[task] = (spec!, spec!.Terms(admission.Policy));
            }
        }

        ReadyTask[] awaited = [.. ready.Where(admitted.ContainsKey)]; // In the order of the queue.
        TaskReply[] replies = await desk.CommandAsync(
            [.. awaited.Select(r => (r.Task, (TaskCommand)Grant(request, r, admitted[r].Terms)))]);

        // A sweep offers again what could not be reached, or has the lease minded if it was granted.
        counter.AddUndelivered(replies.Count(r => r.Told is null));
        await NewCourier()
            .DeliverAsync([.. replies.SelectMany(r => r.Told?.Letters ?? [])]);
        ImmutableArray<LeasedTask>.Builder leased = ImmutableArray.CreateBuilder<LeasedTask>();
        for (int i = 0; i < replies.Length; i++)
        {
            if (replies[i].Told is { Rejection: null, Lease: { } lease } granted)
            {
                leased.Add(Leased(awaited[i].Task, admitted[awaited[i]].Spec, granted, lease));
            }
        }

        return leased.DrainToImmutable();
    }

    /// <summary>A job that cannot be reached, or read, must not keep anybody from the tasks of the others; a sweep
    /// offers its tasks again.</summary>
    private async Task<Admission?> TryAdmitAsync(JobId job, ImmutableArray<ReadyTask> tasks)
    {
        try
        {
            return await Job(job).AdmitAsync(tasks);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            counter.AddUndelivered(1);
            return null;
        }
    }

    private static TaskCommand.Grant Grant(LeaseRequest request, ReadyTask ready, TaskTerms terms) =>
        new(default, ready.Run, request.Holder, request.RequestId, terms);

    /// <summary>The answer to this request was lost: the same leases once more, as far as they still live.</summary>
    private async Task<ImmutableArray<LeasedTask>> GiveAgainAsync(ImmutableArray<WatchedLease> given)
    {
        ImmutableArray<LeasedTask>.Builder leased = ImmutableArray.CreateBuilder<LeasedTask>();
        foreach (IGrouping<JobId, WatchedLease> ofJob in given.GroupBy(g => g.Task.Job))
        {
            WatchedLease[] leases = [.. ofJob];
            ImmutableArray<TaskSpec?> specs = await Job(ofJob.Key).SpecsAsync([.. leases.Select(l => l.Task.Index)]);
            TaskTold[] told = await desk.LookAsync([.. leases.Select(l => l.Task)]);
            for (int i = 0; i < leases.Length; i++)
            {
                if (specs[i] is { } spec && told[i].Lease is { } lease && lease.Token == leases[i].Lease.Token)
                {
                    leased.Add(Leased(leases[i].Task, spec, told[i], lease));
                }
            }
        }

        return leased.DrainToImmutable();
    }

    private static LeasedTask Leased(TaskId task, TaskSpec spec, TaskTold told, Lease lease) => new(
        task, spec.Name, spec.Kind, spec.Payload, told.Run, lease.Attempt, lease.Token, told.LeaseLength);

    /// <summary>Waits until one of the queues may have a task, the wait is over, or the caller has gone.</summary>
    /// <returns>The queues that have let go of it.</returns>
    private async Task<ImmutableArray<string>> WaitAsync(
        LeaseOpening opening, Guid ticket, TimeSpan left, CancellationToken cancellationToken)
    {
        if (opening.Room <= 0)
        {
            // Not by the engine's clock: nobody tells when room comes free, so it is only asked again.
            await Task.Delay(left < RoomInterval ? left : RoomInterval, CancellationToken.None);
            return [];
        }

        ImmutableArray<string> queues = QueueKey.All(opening.Kinds, options.QueueShards);
        Task[] waits = [.. queues.Select(q => Queue(q).WaitAsync(ticket, left))];
        try
        {
            await await Task.WhenAny(waits).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The caller has gone; what is left is to leave the queues.
        }

        // Only where it still waits: a queue that has let go of it would take this for the end of its next wait.
        ImmutableArray<string> woken = [.. queues.Where((_, i) => waits[i].IsCompleted)];
        await Task.WhenAll(queues.Except(woken).Select(q => Queue(q).AbandonAsync(ticket)));
        await Task.WhenAll(waits);
        return woken;
    }

    private Task AbandonAsync(LeaseWait wait) =>
        Task.WhenAll(QueueKey.All(wait.Kinds, options.QueueShards).Select(q => Queue(q).AbandonAsync(wait.Ticket)));
}
