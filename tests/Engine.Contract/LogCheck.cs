using System.Text.Json;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Engine.Contract;

/// <summary>
/// Reads a whole store and checks what must hold at any time: leases of one task never overlap, tokens rise by one,
/// each run has one outcome, and jobs recorded just those. Works on the stored JSON and shares no code with domain or
/// engine, so that a slip there cannot hide here.
/// </summary>
public static class LogCheck
{
    private const int PageLength = 1_000;

    /// <summary>Fails unless the promises hold.</summary>
    /// <param name="store">The store; nobody writes to it meanwhile.</param>
    /// <param name="isAtomic">Whether a task's outcome and the job's record of it are stored together.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What was found.</returns>
    public static async Task<LogFacts> VerifyAsync(
        IEventStore store, bool isAtomic, CancellationToken cancellationToken)
    {
        Dictionary<string, TaskLife> tasks = [];
        List<JobLife> jobs = [];
        HashSet<string> open = await OpenAsync(store, cancellationToken);
        await foreach (StreamInfo info in StreamsAsync(store, cancellationToken))
        {
            string name = info.Stream.Value;
            Check(info.IsOpen == open.Contains(name), name, $"open: {info.IsOpen}, but the list of open ones differs");
            if (name.StartsWith("task/", StringComparison.Ordinal))
            {
                TaskLife life = await ReadAsync(store, info, new TaskLife(name), cancellationToken);
                Check(life.IsOpen == info.IsOpen, name, $"listed as open: {info.IsOpen}, but it is {life.Phase}");
                tasks.Add(name, life);
            }
            else if (name.StartsWith("job/", StringComparison.Ordinal))
            {
                JobLife life = await ReadAsync(store, info, new JobLife(name), cancellationToken);
                Check(life.IsOpen == info.IsOpen, name, $"listed as open: {info.IsOpen}, but it is {life.State}");
                await CheckRowAsync(store, life, cancellationToken);
                jobs.Add(life);
            }
        }

        foreach (JobLife job in jobs)
        {
            job.Compare(tasks, isAtomic);
        }

        return new LogFacts([.. jobs], tasks);
    }

    internal static void Check(bool condition, string stream, string offence)
    {
        if (!condition)
        {
            Assert.Fail($"{stream}: {offence}.");
        }
    }

    private static async Task<T> ReadAsync<T>(
        IEventStore store, StreamInfo info, T life, CancellationToken cancellationToken)
        where T : ILife
    {
        long version = 0;
        while (version < info.Head.Version)
        {
            IReadOnlyList<StoredEvent> page = await store.ReadStreamAsync(
                info.Stream, version + 1, PageLength, withAttachments: false, cancellationToken);
            foreach (StoredEvent e in page)
            {
                using JsonDocument content = JsonDocument.Parse(e.Record.Content);
                life.Take(e, content.RootElement);
                version = e.Version;
            }

            Check(page.Count > 0, info.Stream.Value, $"it ends at {version}, its head says {info.Head.Version}");
        }

        return life;
    }

    private static async Task CheckRowAsync(IEventStore store, JobLife life, CancellationToken cancellationToken)
    {
        JobRow? row = await store.Jobs.FindAsync(life.Id, cancellationToken);
        Check(row is not null, life.Name, "it is not in the list of jobs");
        Check(row!.Version == life.Version, life.Name, $"the list shows version {row.Version} of {life.Version}");
        Check(row.State == life.State, life.Name, $"the list shows {row.State} instead of {life.State}");
    }

    private static async IAsyncEnumerable<StreamInfo> StreamsAsync(
        IEventStore store,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        StreamId? after = null;
        IReadOnlyList<StreamInfo> page;
        do
        {
            page = await store.ListStreamsAsync(string.Empty, after, PageLength, cancellationToken);
            foreach (StreamInfo info in page)
            {
                yield return info;
                after = info.Stream;
            }
        }
        while (page.Count == PageLength);
    }

    private static async Task<HashSet<string>> OpenAsync(IEventStore store, CancellationToken cancellationToken)
    {
        HashSet<string> open = [];
        StreamId? after = null;
        IReadOnlyList<StreamInfo> page;
        do
        {
            page = await store.ListOpenAsync(null, string.Empty, after, PageLength, cancellationToken);
            foreach (StreamInfo info in page)
            {
                open.Add(info.Stream.Value);
                after = info.Stream;
            }
        }
        while (page.Count == PageLength);
        return open;
    }
}

/// <summary>What <see cref="LogCheck"/> folds.</summary>
internal interface ILife
{
    /// <summary>Takes the next event in.</summary>
    void Take(StoredEvent e, JsonElement content);
}

/// <summary>What a store holds.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="Tasks">The tasks that have a stream, by its name.</param>
public sealed record LogFacts(IReadOnlyList<JobLife> Jobs, IReadOnlyDictionary<string, TaskLife> Tasks);
