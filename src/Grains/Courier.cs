using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;

namespace Elasticity.Grains;

/// <summary>Delivers what aggregates tell each other, round by round, until nobody has anything to say.</summary>
/// <remarks>Grains of aggregates never call each other, so no two of them can wait for each other. A courier that dies
/// loses its letters; the supervisor asks the senders again. So nothing here throws because somebody could not be
/// reached: it is counted, and repaired by the next sweep.</remarks>
/// <param name="grains">The way to the grains.</param>
/// <param name="options">Bounds.</param>
/// <param name="isRestoring">What is delivered may have been before; leases have one full length of grace.</param>
/// <param name="isPatient">Nobody waits for an answer: also what concerns many tasks is delivered here.</param>
internal sealed class Courier(
    IGrainFactory grains, GrainsOptions options, bool isRestoring = false, bool isPatient = false)
{
    private readonly bool _isPatient = isPatient || isRestoring;

    /// <summary>The grain of a task.</summary>
    public static ITaskGrain TaskGrain(IGrainFactory grains, TaskId task) => grains.GetGrain<ITaskGrain>(
        string.Create(CultureInfo.InvariantCulture, $"{task.Job.Value}/{task.Index}"));

    /// <summary>Delivers.</summary>
    public async Task DeliverAsync(ImmutableArray<Letter> letters)
    {
        while (!letters.IsDefaultOrEmpty)
        {
            letters = await RoundAsync(letters);
        }
    }

    /// <summary>Delivers what follows from a job's commands.</summary>
    public async Task DeliverAsync(JobId job, JobTold told)
    {
        await DeliverAsync(told.Letters);
        for (int? cursor = told.Sweep ? 0 : null; cursor is { } from;)
        {
            JobPage page = await grains.GetGrain<IJobGrain>(job.Value).OutstandingAsync(from);
            await DeliverAsync(page.Letters);
            cursor = page.Next;
        }
    }

    /// <summary>Takes leases back.</summary>
    public async Task TakeBackAsync(IReadOnlyList<EndedLease> leases) =>
        await DeliverAsync(await CommandAsync(leases, static l => l.Task, static l => l.Reason is { } reason
            ? new TaskCommand.Lose(default, l.Token, reason)
            : new TaskCommand.Expire(default, l.Token)));

    /// <summary>Asks tasks what they wait for.</summary>
    public async Task<ImmutableArray<Letter>> OutstandingAsync(IReadOnlyList<TaskId> tasks) =>
        await AllAsync(tasks, async t => (await TaskGrain(grains, t).OutstandingAsync()).Letters);

    private async Task<ImmutableArray<Letter>> RoundAsync(ImmutableArray<Letter> letters)
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
                case Message.Offer m: Of(queues, m.Kind).Add(m); break;
                case Message.SetPaused or Message.Withdraw:
                    foreach (string kind in letter.Kinds)
                    {
                        Of(queues, kind).Add(letter.Message);
                    }

                    break;
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
            grains.GetGrain<IFrontGrain>(0).DeliverAsync([.. later]).Ignore();
            later.Clear();
        }

        return [.. await SendAsync(queues, outcomes, watches, forgets, stops), .. later];

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
        List<(TaskId Task, TaskCommand Command)> stops)
    {
        await Task.WhenAll(forgets.Select(f => TryAsync(async () =>
        {
            await grains.GetGrain<IAgentGrain>(f.Key.Value).ForgetAsync(f.Value.ToImmutable());
            return [];
        })));
        ImmutableArray<Letter>[] followed = await Task.WhenAll(
        [
            CommandAsync(stops, static s => s.Task, static s => s.Command),
            .. watches.Select(w => TryAsync(() => WatchAsync(w.Key, w.Value.ToImmutable()))),
            .. outcomes.Select(o => TryAsync(() => RecordAsync(o.Key, o.Value.ToImmutable()))),
            .. queues.Select(q => TryAsync(async () =>
            {
                await grains.GetGrain<IQueueGrain>(q.Key).TellAsync(q.Value.ToImmutable(), isRestoring);
                return [];
            })),
        ]);
        return followed.SelectMany(f => f);
    }

    private async Task<ImmutableArray<Letter>> WatchAsync(AgentId agent, ImmutableArray<Letter> watches)
    {
        ImmutableArray<EndedLease> lost = await grains.GetGrain<IAgentGrain>(agent.Value)
            .WatchAsync(watches, isRestoring);
        return await CommandAsync(
            lost, static l => l.Task, static l => new TaskCommand.Lose(default, l.Token, l.Reason!));
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

    private Task<ImmutableArray<Letter>> CommandAsync<T>(
        IReadOnlyList<T> items, Func<T, TaskId> task, Func<T, TaskCommand> command) =>
        AllAsync(items, async i => (await TaskGrain(grains, task(i)).CommandAsync(command(i))).Letters);

    /// <summary>Calls many grains, a bounded number at once.</summary>
    private async Task<ImmutableArray<Letter>> AllAsync<T>(
        IReadOnlyList<T> items, Func<T, Task<ImmutableArray<Letter>>> call)
    {
        ImmutableArray<Letter>.Builder letters = ImmutableArray.CreateBuilder<Letter>();
        for (int i = 0; i < items.Count; i += options.CallsUnderWayMax)
        {
            foreach (ImmutableArray<Letter> some in await Task.WhenAll(
                items.Skip(i).Take(options.CallsUnderWayMax).Select(item => TryAsync(() => call(item)))))
            {
                letters.AddRange(some);
            }
        }

        return letters.DrainToImmutable();
    }

    /// <summary>What could not be delivered is delivered by a sweep.</summary>
    private static async Task<ImmutableArray<Letter>> TryAsync(Func<Task<ImmutableArray<Letter>>> deliver)
    {
        try
        {
            return await deliver();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            GrainMetrics.Undelivered.Add(1);
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
