using System.Collections.Immutable;
using System.Diagnostics;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Grains;

/// <summary>Delivers what aggregates tell each other, round by round, until nobody has anything to say.</summary>
/// <remarks>Grains of aggregates never call each other, so no two of them can wait for each other. A courier that dies
/// loses its letters; the supervisor asks the senders again. So nothing here throws because somebody could not be
/// reached: it is counted, and repaired by the next sweep.</remarks>
/// <param name="grains">The way to the grains.</param>
/// <param name="desk">The way to the tasks.</param>
/// <param name="options">Bounds.</param>
/// <param name="counter">Where to count what could not be delivered.</param>
/// <param name="isRestoring">What is delivered may have been before; leases have one full length of grace.</param>
/// <param name="isPatient">Nobody waits for an answer: also what concerns many tasks is delivered here.</param>
internal sealed class Courier(
    IGrainFactory grains,
    SiloDesk desk,
    GrainsOptions options,
    SiloCounter counter,
    bool isRestoring = false,
    bool isPatient = false)
{
    private readonly bool _isPatient = isPatient || isRestoring;

    /// <summary>The keys of all queues that it had something for.</summary>
    public HashSet<string> Queues { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a job could not be told how a task ended. No sweep asks a task that has ended, so whoever
    /// reported should do so again.</summary>
    public bool MissedAnOutcome { get; private set; }

    /// <summary>Delivers. Where somebody waits for an answer, what follows in later rounds is delivered after it: a
    /// failure may skip a chain of a thousand tasks, one after the other.</summary>
    public async Task DeliverAsync(ImmutableArray<Letter> letters)
    {
        for (int round = 1; !letters.IsDefaultOrEmpty; round++)
        {
            if (round > options.RoundsAwaitedMax && !_isPatient)
            {
                DeliverLater(letters);
                return;
            }

            // What follows was decided now: a queue that has just handed a task out knows nothing newer of it.
            letters = await RoundAsync(letters, isSweep: isRestoring && round == 1);
        }
    }

    /// <summary>Delivers what follows from a job's commands.</summary>
    public async Task DeliverAsync(JobId job, JobTold told)
    {
        await DeliverAsync(told.Letters);
        for (int? cursor = told.Sweep ? 0 : null; cursor is { } from;)
        {
            JobPage page = await grains.GetGrain<IJobGrain>(job.Value).OutstandingAsync(from, told.Version);
            await DeliverAsync(page.Letters);
            cursor = page.Next;
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
        Dictionary<string, ImmutableArray<Message>.Builder> queues = new(StringComparer.Ordinal);
        Dictionary<JobId, ImmutableArray<OutcomeRecord>.Builder> outcomes = [];
        Dictionary<AgentId, ImmutableArray<Letter>.Builder> watches = [];
        Dictionary<AgentId, ImmutableArray<Message.ForgetLease>.Builder> forgets = [];
        List<(TaskId Task, TaskCommand Command)> stops = [];
        List<Letter> later = [];
        foreach (Letter letter in letters)
        {
            switch (letter.Message)
            {
                case Message.Offer m: Queue(m.Kind, m.Job).Add(m); break;
                case Message.SetPaused m: ToQueues(letter, m.Job); break;
                case Message.Withdraw m: ToQueues(letter, m.Job); break;
                case Message.TaskEnded m:
                    Of(outcomes, m.Task.Job).Add(new OutcomeRecord(m.Task.Index, m.Run, m.Outcome, letter.Head!));
                    break;
                case Message.WatchLease: Of(watches, letter.Agent!.Value).Add(letter); break;
                case Message.ForgetLease m: Of(forgets, letter.Agent!.Value).Add(m); break;
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

        ImmutableArray<Message>.Builder Queue(string kind, JobId job) =>
            Of(queues, QueueKey.Of(kind, job, options.QueueShards));

        void ToQueues(Letter letter, JobId job)
        {
            foreach (string kind in letter.Kinds)
            {
                Queue(kind, job).Add(letter.Message);
            }
        }

        void Stop(Letter letter, JobId job, int first, int count, Func<int, int, Message> rest, TaskCommand command)
        {
            int now = Math.Min(count, Math.Max(0, options.StopsAwaitedMax - stops.Count));
            stops.AddRange(Enumerable.Range(first, now).Select(i => (new TaskId(job, i), command)));
            if (now < count)
            {
                later.Add(letter with { Message = rest(first + now, count - now) });
            }
        }
    }

    /// <summary>What is no longer to be minded goes first: a new lease of the same task may follow.</summary>
    private async Task<IEnumerable<Letter>> SendAsync(
        Dictionary<string, ImmutableArray<Message>.Builder> queues,
        Dictionary<JobId, ImmutableArray<OutcomeRecord>.Builder> outcomes,
        Dictionary<AgentId, ImmutableArray<Letter>.Builder> watches,
        Dictionary<AgentId, ImmutableArray<Message.ForgetLease>.Builder> forgets,
        List<(TaskId Task, TaskCommand Command)> stops,
        bool isSweep)
    {
        Queues.UnionWith(queues.Keys);
        await Task.WhenAll(forgets.Select(f => TryAsync(async () =>
        {
            await grains.GetGrain<IAgentGrain>(f.Key.Value).ForgetAsync(f.Value.ToImmutable());
            return [];
        })));
        ImmutableArray<Letter>[] followed = await Task.WhenAll(
        [
            TryAsync(() => CommandAsync(stops)),
            .. watches.Select(w => TryAsync(() => WatchAsync(w.Key, w.Value.ToImmutable()))),
            .. outcomes.Select(o => TryAsync(
                () => RecordAsync(o.Key, o.Value.ToImmutable()), () => MissedAnOutcome = true)),
            .. queues.Select(q => TryAsync(async () =>
            {
                await grains.GetGrain<IQueueGrain>(q.Key).TellAsync(q.Value.ToImmutable(), isSweep);
                return [];
            })),
        ]);
        return followed.SelectMany(f => f);
    }

    private void DeliverLater(ImmutableArray<Letter> letters) =>
        grains.GetGrain<IFrontGrain>(0).DeliverAsync(letters).Ignore();

    private async Task<ImmutableArray<Letter>> WatchAsync(AgentId agent, ImmutableArray<Letter> watches)
    {
        ImmutableArray<EndedLease> lost = await grains.GetGrain<IAgentGrain>(agent.Value)
            .WatchAsync(watches, isRestoring);
        return await CommandAsync([.. lost.Select(l => (l.Task, TakeBack(l)))]);
    }

    private async Task<ImmutableArray<Letter>> RecordAsync(JobId job, ImmutableArray<OutcomeRecord> outcomes)
    {
        JobTold told = await grains.GetGrain<IJobGrain>(job.Value).RecordAsync(outcomes);
        if (!told.Sweep)
        {
            return told.Letters;
        }

        await DeliverAsync(job, told);
        return [];
    }

    private async Task<ImmutableArray<Letter>> CommandAsync(IReadOnlyList<(TaskId Task, TaskCommand Command)> commands)
    {
        ImmutableArray<Letter>.Builder letters = ImmutableArray.CreateBuilder<Letter>();
        foreach (TaskReply reply in await desk.CommandAsync(commands))
        {
            letters.AddRange(reply.Told?.Letters ?? []);
            counter.AddUndelivered(reply.Told is null ? 1 : 0);
        }

        return letters.DrainToImmutable();
    }

    /// <summary>What could not be delivered is delivered by a sweep.</summary>
    private async Task<ImmutableArray<Letter>> TryAsync(
        Func<Task<ImmutableArray<Letter>>> deliver, Action? onFailure = null)
    {
        try
        {
            return await deliver();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            counter.AddUndelivered(1);
            onFailure?.Invoke();
            return [];
        }
    }

    private static ImmutableArray<TItem>.Builder Of<TKey, TItem>(
        Dictionary<TKey, ImmutableArray<TItem>.Builder> all, TKey key)
        where TKey : notnull
    {
        if (!all.TryGetValue(key, out ImmutableArray<TItem>.Builder? items))
        {
            all.Add(key, items = ImmutableArray.CreateBuilder<TItem>());
        }

        return items;
    }
}
