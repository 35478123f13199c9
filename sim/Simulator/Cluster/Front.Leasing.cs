using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Queues;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Cluster;

/// <summary>Leasing: the agent says whether, the queues say which, the jobs say what, the tasks grant. See
/// <c>src/Grains/FrontGrain.Leasing.cs</c>.</summary>
internal sealed partial class Front
{
    private static readonly TimeSpan RoomInterval = TimeSpan.FromMilliseconds(250);

    private const int BarrenRoundsMax = 16;

    private async Task<Reply<LeaseGrant>> LeaseAsync(LeaseRequest request, Call? call)
    {
        Guid ticket = silo.NewId();
        TimeSpan until = silo.Monotonic + request.Wait;
        LeaseOpening opening = await AskAgentAsync(request, a => a.OpenLeaseAsync(request, ticket));
        if (opening.Older is { } older)
        {
            await AbandonAsync(older);
        }

        try
        {
            if (!opening.Given.IsDefaultOrEmpty)
            {
                return new LeaseGrant(await GiveAgainAsync(opening.Given));
            }

            string[] woken = [];
            while (true)
            {
                if (opening.Rejection is { } rejection)
                {
                    return rejection;
                }

                if (opening.IsReplaced)
                {
                    return LeaseGrant.Nothing;
                }

                ImmutableArray<LeasedTask> leased = await TakeAsync(request, ticket, opening, woken);
                TimeSpan left = until - silo.Monotonic;
                if (!leased.IsEmpty || left <= TimeSpan.Zero || call is { IsOver: true })
                {
                    return leased.IsEmpty ? LeaseGrant.Nothing : new LeaseGrant(leased);
                }

                woken = await WaitAsync(opening, ticket, left);
                opening = await AskAgentAsync(request, a => a.ReopenLeaseAsync(request, ticket));
            }
        }
        finally
        {
            // Nobody waits for it: a wait that is over is forgotten anyway.
            silo.Run(() => _cluster.CallAsync<AgentGrain>(
                silo, GrainKind.Agent, request.Agent.Value, a => a.CloseLeaseAsync(ticket)));
        }
    }

    private Task<LeaseOpening> AskAgentAsync(LeaseRequest request, Func<AgentGrain, Task<LeaseOpening>> what) =>
        _cluster.CallAsync(silo, GrainKind.Agent, request.Agent.Value, what);

    private async Task<ImmutableArray<LeasedTask>> TakeAsync(
        LeaseRequest request, Guid ticket, LeaseOpening opening, string[] woken)
    {
        ImmutableArray<LeasedTask>.Builder leased = ImmutableArray.CreateBuilder<LeasedTask>();
        int limit = Math.Min(request.Max, opening.Room);
        foreach (string kind in opening.Kinds)
        {
            if (leased.Count >= limit && woken.Contains(kind))
            {
                silo.Run(() => AbandonAsync(new LeaseWait(ticket, [kind])));
            }

            int barren = 0;
            while (leased.Count < limit && barren < BarrenRoundsMax)
            {
                int room = limit - leased.Count;
                ImmutableArray<ReadyTask> ready = await _cluster.CallAsync<QueueGrain, ImmutableArray<ReadyTask>>(
                    silo, GrainKind.Queue, kind, q => q.TakeAsync(room, ticket));
                if (ready.IsEmpty)
                {
                    break;
                }

                ImmutableArray<LeasedTask> granted = await GrantAsync(request, ready);
                barren = granted.IsEmpty ? barren + 1 : 0;
                leased.AddRange(granted);
            }
        }

        return leased.DrainToImmutable();
    }

    private async Task<ImmutableArray<LeasedTask>> GrantAsync(LeaseRequest request, ImmutableArray<ReadyTask> ready)
    {
        Dictionary<ReadyTask, Admission?> admissions = [];
        foreach (IGrouping<JobId, ReadyTask> ofJob in ready.GroupBy(r => r.Task.Job))
        {
            ImmutableArray<ReadyTask> tasks = [.. ofJob];
            ImmutableArray<Admission?> admitted = await _cluster.CallAsync<JobGrain, ImmutableArray<Admission?>>(
                silo, GrainKind.Job, ofJob.Key.Value, j => j.AdmitAsync(tasks));
            for (int i = 0; i < tasks.Length; i++)
            {
                admissions[tasks[i]] = admitted[i];
            }
        }

        ReadyTask[] awaited = [.. ready.Where(r => admissions[r] is not null)];
        TaskReply[] replies = await silo.Desk.CommandAsync(
            [.. awaited.Select(r => (r.Task, (TaskCommand)Grant(request, r, admissions[r]!.Terms)))]);

        // A sweep offers again what could not be reached, or has the lease minded if it was granted.
        await new Courier(silo).DeliverAsync([.. replies.SelectMany(r => r.Told?.Letters ?? [])]);
        ImmutableArray<LeasedTask>.Builder leased = ImmutableArray.CreateBuilder<LeasedTask>();
        for (int i = 0; i < replies.Length; i++)
        {
            if (replies[i].Told is { Rejection: null, Lease: { } lease } granted)
            {
                leased.Add(Leased(awaited[i].Task, admissions[awaited[i]]!.Spec, granted, lease));
            }
        }

        return leased.DrainToImmutable();
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
            ImmutableArray<int> indexes = [.. leases.Select(l => l.Task.Index)];
            ImmutableArray<TaskSpec?> specs = await _cluster.CallAsync<JobGrain, ImmutableArray<TaskSpec?>>(
                silo, GrainKind.Job, ofJob.Key.Value, j => j.SpecsAsync(indexes));
            TaskTold[] told = await silo.Desk.LookAsync([.. leases.Select(l => l.Task)]);
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

    /// <summary>Waits until one of the queues may have a task, or the wait is over.</summary>
    /// <returns>The queues that have let go of it.</returns>
    private async Task<string[]> WaitAsync(LeaseOpening opening, Guid ticket, TimeSpan left)
    {
        if (opening.Room <= 0)
        {
            await silo.DelayAsync(left < RoomInterval ? left : RoomInterval);
            return [];
        }

        Task[] waits =
        [
            .. opening.Kinds.Select(k => _cluster.CallAsync<QueueGrain>(
                silo, GrainKind.Queue, k, q => q.WaitAsync(ticket, left))),
        ];
        await await Task.WhenAny(waits);
        string[] woken = [.. opening.Kinds.Where((_, i) => waits[i].IsCompleted)];
        await AbandonAsync(new LeaseWait(ticket, [.. opening.Kinds.Except(woken)]));
        await Task.WhenAll(waits);
        return woken;
    }
}
