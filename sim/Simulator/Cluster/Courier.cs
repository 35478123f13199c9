using System.Collections.Immutable;
using System.Diagnostics;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Simulator.Cluster;

/// <summary>Delivers what aggregates tell each other, round by round, until nobody has anything to say: see
/// <c>src/Grains/Courier.cs</c>. Now and then it dies half-way, and nobody hears of it.</summary>
/// <param name="silo">Where it runs.</param>
/// <param name="isRestoring">What is delivered may have been before; leases have one full length of grace.</param>
/// <param name="isPatient">Nobody waits for an answer: also what concerns many tasks is delivered here.</param>
internal sealed class Courier(SiloProcess silo, bool isRestoring = false, bool isPatient = false)
{
    private readonly bool _isPatient = isPatient || isRestoring;
    private readonly Bounds _bounds = silo.Plan.Bounds;
    private bool _isDead;

    /// <summary>Whether a job could not be told how a task ended: whoever reported should do so again.</summary>
    public bool MissedAnOutcome { get; private set; }

    public async Task DeliverAsync(ImmutableArray<Letter> letters)
    {
        for (int round = 1; !letters.IsDefaultOrEmpty; round++)
        {
            if (round > _bounds.RoundsAwaitedMax && !_isPatient)
            {
                DeliverLater(letters);
                return;
            }

            letters = await RoundAsync(letters, isSweep: isRestoring && round == 1);
            if (_isDead)
            {
                throw new CallFailedException("The courier died.");
            }
        }
    }

    /// <summary>Delivers what follows from a job's commands.</summary>
    public async Task DeliverAsync(JobId job, JobTold told)
    {
        await DeliverAsync(told.Letters);
        for (int? cursor = told.Sweep ? 0 : null; cursor is { } from;)
        {
            (ImmutableArray<Letter> letters, int? next) = await silo.Cluster
                .CallAsync<JobGrain, (ImmutableArray<Letter>, int?)>(
                    silo, GrainKind.Job, job.Value, j => j.OutstandingAsync(from, told.Version));
            await DeliverAsync(letters);
            cursor = next;
        }
    }

    /// <summary>Takes leases back.</summary>
    public async Task TakeBackAsync(IReadOnlyList<EndedLease> leases) =>
        await DeliverAsync(await CommandAsync([.. leases.Select(l => (l.Task, TakeBack(l)))]));

    private static TaskCommand TakeBack(EndedLease lease) => lease.Reason is { } reason
        ? new TaskCommand.Lose(default, lease.Token, reason)
        : new TaskCommand.Expire(default, lease.Token);

    private async Task<ImmutableArray<Letter>> RoundAsync(ImmutableArray<Letter> letters, bool isSweep)
    {
        SortedDictionary<string, List<Message>> queues = new(StringComparer.Ordinal);
        SortedDictionary<string, List<OutcomeRecord>> outcomes = new(StringComparer.Ordinal);
        SortedDictionary<string, List<Letter>> watches = new(StringComparer.Ordinal);
        SortedDictionary<string, List<Message.ForgetLease>> forgets = new(StringComparer.Ordinal);
        List<(TaskId Task, TaskCommand Command)> stops = [];
        List<Letter> later = [];
        foreach (Letter letter in letters)
        {
            switch (letter.Message)
            {
                case Message.Offer m: Of(queues, m.Kind).Add(m); break;
                case Message.SetPaused or Message.Withdraw:
                    foreach (string kind in letter.Kinds)
                    {
                        Of(queues, kind).Add(letter.Message);
                    }

                    break;
                case Message.TaskEnded m:
                    Of(outcomes, m.Task.Job.Value).Add(
                        new OutcomeRecord(m.Task.Index, m.Run, m.Outcome, letter.Head!));
                    break;
                case Message.WatchLease: Of(watches, letter.Agent!.Value.Value).Add(letter); break;
                case Message.ForgetLease m: Of(forgets, letter.Agent!.Value.Value).Add(m); break;
                case Message.Cancel m:
                    Stop(
                        letter, m.Job, m.First, m.Count, (f, n) => m with { First = f, Count = n },
                        new TaskCommand.Cancel(default, m.Run));
                    break;
                case Message.Skip m:
                    Stop(
                        letter, m.Job, m.First, m.Count, (f, n) => m with { First = f, Count = n },
                        new TaskCommand.Skip(default, m.Run, m.Cause));
                    break;
                default: throw new UnreachableException($"{letter.Message.GetType().Name} is not delivered.");
            }
        }

        if (later.Count > 0 && !_isPatient)
        {
            DeliverLater([.. later]);
            later.Clear();
        }

        return [.. await SendAsync(queues, outcomes, watches, forgets, stops, isSweep), .. later];

        void Stop(Letter letter, JobId job, int first, int count, Func<int, int, Message> rest, TaskCommand command)
        {
            int now = Math.Min(count, Math.Max(0, _bounds.StopsAwaitedMax - stops.Count));
            stops.AddRange(Enumerable.Range(first, now).Select(i => (new TaskId(job, i), command)));
            if (now < count)
            {
                later.Add(letter with { Message = rest(first + now, count - now) });
            }
        }
    }

    /// <summary>What is no longer to be minded goes first: a new lease of the same task may follow.</summary>
    private async Task<IEnumerable<Letter>> SendAsync(
        SortedDictionary<string, List<Message>> queues,
        SortedDictionary<string, List<OutcomeRecord>> outcomes,
        SortedDictionary<string, List<Letter>> watches,
        SortedDictionary<string, List<Message.ForgetLease>> forgets,
        List<(TaskId Task, TaskCommand Command)> stops,
        bool isSweep)
    {
        await Task.WhenAll(forgets.Select(f => TryAsync(async () =>
        {
            await silo.Cluster.CallAsync<AgentGrain>(
                silo, GrainKind.Agent, f.Key, a => a.ForgetAsync([.. f.Value]));
            return [];
        })));
        ImmutableArray<Letter>[] followed = await Task.WhenAll(
        [
            TryAsync(() => CommandAsync(stops)),
            .. watches.Select(w => TryAsync(() => WatchAsync(w.Key, [.. w.Value]))),
            .. outcomes.Select(o => TryAsync(() => RecordAsync(o.Key, [.. o.Value]), () => MissedAnOutcome = true)),
            .. queues.Select(q => TryAsync(async () =>
            {
                await silo.Cluster.CallAsync<QueueGrain>(
                    silo, GrainKind.Queue, q.Key, g => g.TellAsync([.. q.Value], isSweep));
                return [];
            })),
        ]);
        return followed.SelectMany(f => f);
    }

    private void DeliverLater(ImmutableArray<Letter> letters) =>
        silo.Run(() => new Courier(silo, isPatient: true).DeliverAsync(letters));

    private async Task<ImmutableArray<Letter>> WatchAsync(string agent, ImmutableArray<Letter> watches)
    {
        ImmutableArray<EndedLease> lost = await silo.Cluster.CallAsync<AgentGrain, ImmutableArray<EndedLease>>(
            silo, GrainKind.Agent, agent, a => a.WatchAsync(watches, isRestoring));
        return await CommandAsync([.. lost.Select(l => (l.Task, TakeBack(l)))]);
    }

    private async Task<ImmutableArray<Letter>> RecordAsync(string job, ImmutableArray<OutcomeRecord> outcomes)
    {
        JobTold told = await silo.Cluster.CallAsync<JobGrain, JobTold>(
            silo, GrainKind.Job, job, j => j.RecordAsync(outcomes));
        if (!told.Sweep)
        {
            return told.Letters;
        }

        await DeliverAsync(new JobId(job), told);
        return [];
    }

    private async Task<ImmutableArray<Letter>> CommandAsync(IReadOnlyList<(TaskId Task, TaskCommand Command)> commands)
    {
        TaskReply[] replies = await silo.Desk.CommandAsync(commands);
        return [.. replies.SelectMany(r => r.Told?.Letters ?? [])];
    }

    /// <summary>What could not be delivered is delivered by a sweep.</summary>
    private async Task<ImmutableArray<Letter>> TryAsync(
        Func<Task<ImmutableArray<Letter>>> deliver, Action? onFailure = null)
    {
        _isDead |= silo.Cluster.CourierDies();
        if (_isDead)
        {
            return []; // What it has delivered stays delivered; the rest goes with it.
        }

        try
        {
            return await deliver();
        }
        catch (Exception e) when (Grain.IsTrouble(e))
        {
            onFailure?.Invoke();
            return [];
        }
    }

    private static List<TItem> Of<TItem>(SortedDictionary<string, List<TItem>> all, string key)
    {
        if (!all.TryGetValue(key, out List<TItem>? items))
        {
            all.Add(key, items = []);
        }

        return items;
    }
}
