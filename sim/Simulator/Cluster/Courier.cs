using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;

namespace Elasticity.Simulator.Cluster;

/// <summary>Delivers what aggregates tell each other, round by round, until nobody has anything to say: see
/// <c>src/Grains/Courier.cs</c>. Now and then it dies half-way, and nobody hears of it.</summary>
internal sealed class Courier(SiloProcess silo, bool isRestoring = false)
{
    private bool _isDead;

    public static string KeyOf(TaskId task) =>
        string.Create(CultureInfo.InvariantCulture, $"{task.Job.Value}/{task.Index}");

    public async Task DeliverAsync(ImmutableArray<Letter> letters)
    {
        while (!letters.IsDefaultOrEmpty)
        {
            letters = await RoundAsync(letters);
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
                    silo, GrainKind.Job, job.Value, j => j.OutstandingAsync(from, seen: null));
            await DeliverAsync(letters);
            cursor = next;
        }
    }

    /// <summary>Takes leases back.</summary>
    public async Task TakeBackAsync(IReadOnlyList<EndedLease> leases) =>
        await DeliverAsync(await CommandAsync(leases, static l => l.Task, static l => l.Reason is { } reason
            ? new TaskCommand.Lose(default, l.Token, reason)
            : new TaskCommand.Expire(default, l.Token)));

    /// <summary>Asks tasks what they wait for.</summary>
    public async Task<ImmutableArray<Letter>> OutstandingAsync(IReadOnlyList<OpenTask> tasks) => await AllAsync(
        tasks,
        async t => (await silo.Cluster.CallAsync<TaskGrain, TaskTold>(
            silo, GrainKind.Task, KeyOf(t.Task), g => g.OutstandingAsync(t.Head))).Letters);

    private async Task<ImmutableArray<Letter>> RoundAsync(ImmutableArray<Letter> letters)
    {
        SortedDictionary<string, List<Message>> queues = new(StringComparer.Ordinal);
        SortedDictionary<string, List<OutcomeRecord>> outcomes = new(StringComparer.Ordinal);
        SortedDictionary<string, List<Letter>> watches = new(StringComparer.Ordinal);
        SortedDictionary<string, List<Message.ForgetLease>> forgets = new(StringComparer.Ordinal);
        List<(TaskId Task, TaskCommand Command)> stops = [];
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
                case Message.Cancel m: Stop(m.Job, m.First, m.Count, new TaskCommand.Cancel(default, m.Run)); break;
                case Message.Skip m:
                    Stop(m.Job, m.First, m.Count, new TaskCommand.Skip(default, m.Run, m.Cause));
                    break;
                default: throw new UnreachableException($"{letter.Message.GetType().Name} is not delivered.");
            }
        }

        // What is no longer to be minded goes first: a new lease of the same task may follow.
        await Task.WhenAll(forgets.Select(f => TryAsync(async () =>
        {
            await silo.Cluster.CallAsync<AgentGrain>(
                silo, GrainKind.Agent, f.Key, a => a.ForgetAsync([.. f.Value]));
            return [];
        })));
        ImmutableArray<Letter>[] followed = await Task.WhenAll(
        [
            CommandAsync(stops, static s => s.Task, static s => s.Command),
            .. watches.Select(w => TryAsync(() => WatchAsync(w.Key, [.. w.Value]))),
            .. outcomes.Select(o => TryAsync(() => RecordAsync(o.Key, [.. o.Value]))),
            .. queues.Select(q => TryAsync(async () =>
            {
                await silo.Cluster.CallAsync<QueueGrain>(
                    silo, GrainKind.Queue, q.Key, g => g.TellAsync([.. q.Value], isRestoring));
                return [];
            })),
        ]);
        return [.. followed.SelectMany(f => f)];

        void Stop(JobId job, int first, int count, TaskCommand command) =>
            stops.AddRange(Enumerable.Range(first, count).Select(i => (new TaskId(job, i), command)));
    }

    private async Task<ImmutableArray<Letter>> WatchAsync(string agent, ImmutableArray<Letter> watches)
    {
        ImmutableArray<EndedLease> lost = await silo.Cluster.CallAsync<AgentGrain, ImmutableArray<EndedLease>>(
            silo, GrainKind.Agent, agent, a => a.WatchAsync(watches, isRestoring));
        return await CommandAsync(
            lost, static l => l.Task, static l => new TaskCommand.Lose(default, l.Token, l.Reason!));
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

    private Task<ImmutableArray<Letter>> CommandAsync<T>(
        IReadOnlyList<T> items, Func<T, TaskId> task, Func<T, TaskCommand> command) => AllAsync(
        items,
        async i => (await silo.Cluster.CallAsync<TaskGrain, TaskTold>(
            silo, GrainKind.Task, KeyOf(task(i)), g => g.CommandAsync(command(i)))).Letters);

    private async Task<ImmutableArray<Letter>> AllAsync<T>(
        IReadOnlyList<T> items, Func<T, Task<ImmutableArray<Letter>>> call)
    {
        ImmutableArray<Letter>[] answers = await Task.WhenAll(items.Select(i => TryAsync(() => call(i))));
        return [.. answers.SelectMany(a => a)];
    }

    /// <summary>What could not be delivered is delivered by a sweep.</summary>
    private async Task<ImmutableArray<Letter>> TryAsync(Func<Task<ImmutableArray<Letter>>> deliver)
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
