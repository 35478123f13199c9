using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Grains;

/// <summary>Questions: the store knows what is durable, the grains what is going on.</summary>
public sealed partial class FrontGrain
{
    /// <summary>The most agents that one look counts, and the most jobs of each state that it goes through, the newest
    /// first.</summary>
    private const int LookMax = 10_000;

    /// <summary>Jobs a page.</summary>
    private const int LookPage = 1_000;

    /// <summary>The most findings of one code.</summary>
    private const int FindingsMax = 100;

    /// <summary>A submit that was not finished for so long is worth a look.</summary>
    private static readonly TimeSpan SubmitAgeMax = TimeSpan.FromHours(1);

    /// <summary>So long a look waits for each grain: those of a silo that just died answer later, or never, and are
    /// left out.</summary>
    private static readonly TimeSpan GlanceMax = TimeSpan.FromSeconds(1);

    private StoreInspection? _inspection;

    private StoreInspection Inspection => _inspection ??= new StoreInspection(store, GlanceAsync, clock.Time);

    /// <inheritdoc/>
    public async Task<Reply<JobSummary>> GetJobAsync(JobId job, long? version) =>
        await Inspection.GetJobAsync(job, version, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<Reply<Page<JobSummary>>> ListJobsAsync(JobFilter filter, string? cursor, int limit) =>
        await Inspection.ListJobsAsync(filter, cursor, limit, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<Reply<TaskView>> GetTaskAsync(TaskId task, long? version, bool withPayloads) =>
        await Inspection.GetTaskAsync(task, version, withPayloads, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<Reply<Page<TaskView>>> ListTasksAsync(JobId job, TaskQuery query, string? cursor, int limit) =>
        await Inspection.ListTasksAsync(job, query, cursor, limit, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<ImmutableArray<StoredEvent>> ReadHistoryAsync(StreamId stream, long from, int limit) =>
        [.. await Inspection.ReadHistoryAsync(stream, from, limit, CancellationToken.None)];

    /// <inheritdoc/>
    public async Task<LogPage> ReadLogAsync(LogCursor after, int limit) =>
        await Inspection.ReadLogAsync(after, limit, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<ClusterLook> LookAsync()
    {
        ImmutableArray<AgentLook> agents = await LookAtAgentsAsync();
        RegistryLook registry = await GlanceAsync(GrainFactory.GetGrain<IRegistryGrain>(0).LookAsync())
            ?? new RegistryLook([], SiloCounts.None);
        IEnumerable<string> kinds = registry.Queues.Select(QueueKey.KindOf)
            .Union(agents.SelectMany(a => a.View!.Offer.Kinds));
        ImmutableArray<QueueView> queues =
        [
            .. (await Task.WhenAll(kinds.Order(StringComparer.Ordinal).Select(k => LookAsync(k, agents))))
                .Where(q => q.Ready + q.Delayed + q.Leased + q.Agents > 0),
        ];
        EngineStatus status = new(
            "serving",
            IsReady: true,
            Reason: null,
            Code: null,
            Lag: TimeSpan.Zero,
            OpenJobs: await CountAsync(StreamNames.JobPrefix),
            LeasedTasks: agents.Sum(a => a.View!.LeaseCount),
            QueuedTasks: queues.Sum(q => q.Ready + q.Delayed),
            Agents: agents.Length,
            Appends: 0,
            Events: 0,
            Granted: 0,
            Settled: 0,
            Refused: 0,
            TakenBack: 0)
        {
            LogLagEvents = lag.Events,
        };
        return new ClusterLook(
            queues,
            [.. agents.Select(a => a.View!).OrderBy(a => a.Id.Value, StringComparer.Ordinal)],
            [.. await FindingsAsync(queues)],
            registry.Counts.Into(status));
    }

    private async Task<JobGlance> GlanceAsync(JobId job)
    {
        List<AgentId> agents = await AgentsAsync();
        ImmutableDictionary<int, string>?[] progress = await Task.WhenAll(
            agents.Select(a => GlanceAsync(Agent(a).ProgressAsync(job))));
        return new JobGlance(null, progress.SelectMany(p => p ?? []).DistinctBy(p => p.Key).ToDictionary());
    }

    /// <summary>What a grain says at once; null when it cannot be reached now.</summary>
    private static async Task<T?> GlanceAsync<T>(Task<T> call)
        where T : class
    {
        try
        {
            return await call.WaitAsync(GlanceMax);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            call.Ignore();
            return null;
        }
    }

    private async Task<List<AgentId>> AgentsAsync()
    {
        List<AgentId> agents = [];
        await foreach (StreamInfo open in new StateReader(store)
            .OpenAsync(null, StreamNames.AgentPrefix, CancellationToken.None))
        {
            agents.Add(new AgentId(open.Stream.Value[StreamNames.AgentPrefix.Length..]));
            if (agents.Count == LookMax)
            {
                break;
            }
        }

        return agents;
    }

    private async Task<ImmutableArray<AgentLook>> LookAtAgentsAsync()
    {
        List<AgentId> agents = await AgentsAsync();
        AgentLook?[] looks = await Task.WhenAll(agents.Select(a => GlanceAsync(Agent(a).LookAsync())));
        return [.. looks.OfType<AgentLook>().Where(l => l.View is not null)];
    }

    private async Task<QueueView> LookAsync(string kind, ImmutableArray<AgentLook> agents)
    {
        QueueLook?[] answers = await Task.WhenAll(
            QueueKey.All([kind], options.QueueShards).Select(q => GlanceAsync(Queue(q).LookAsync())));
        QueueLook[] looks = [.. answers.OfType<QueueLook>()];
        return new QueueView(
            kind,
            looks.Sum(l => l.Ready),
            looks.Sum(l => l.Delayed),
            agents.Sum(a => a.Leased.GetValueOrDefault(kind)),
            agents.Count(a => a.View!.State == "live" && a.View.Offer.Kinds.Contains(kind)),
            looks.SelectMany(l => l.Waiting).Distinct().Count());
    }

    private async Task<int> CountAsync(string prefix)
    {
        int count = 0;
        await foreach (StreamInfo _ in new StateReader(store).OpenAsync(null, prefix, CancellationToken.None))
        {
            if (++count == LookMax)
            {
                break;
            }
        }

        return count;
    }

    private async Task<List<Finding>> FindingsAsync(ImmutableArray<QueueView> queues)
    {
        List<Finding> findings =
        [
            .. lag.Problem is { } problem ? [new Finding(LogLagSeen.Code, "engine", problem)] : (Finding[])[],
            .. queues.Where(q => q.Ready > 0 && q.Agents == 0).Select(q => Finding.NoAgent(q.Kind, q.Ready)),
        ];
        foreach (string state in (string[])["opening", "open", "failing", "cancelling"])
        {
            string? cursor = null;
            int looked = 0;
            do
            {
                Page<JobSummary> page = (await Inspection.ListJobsAsync(
                    new JobFilter(State: state), cursor, LookPage, CancellationToken.None)).Value!;
                findings.AddRange(page.Items.SelectMany(FindingsAbout));
                cursor = page.Next;
                looked += page.Items.Count;
            }
            while (cursor is not null && looked < LookMax);
        }

        return [.. findings.GroupBy(f => f.Code).SelectMany(g => g.Take(FindingsMax))];
    }

    private IEnumerable<Finding> FindingsAbout(JobSummary job)
    {
        if (job.State == "opening" && clock.Utc - job.CreatedAt > SubmitAgeMax)
        {
            yield return Finding.SubmitUnfinished(job.Id, $"not all of {job.TaskCount}", job.CreatedAt);
        }

        if (job is { IsPaused: true, State: "open" })
        {
            yield return Finding.Paused(job.Id);
        }

        if (job.Counts.DeadLettered > 0)
        {
            yield return Finding.DeadLetters(job.Id, job.Counts.DeadLettered);
        }
    }
}
