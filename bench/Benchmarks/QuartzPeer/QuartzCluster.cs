using System.Globalization;
using System.Text.Json;
using Npgsql;
using Quartz;

namespace Elasticity.Benchmarks.QuartzPeer;

/// <summary>A cluster of one node: producer and worker in this process, the job store in PostgreSQL. A task is a
/// trigger that fires once, now.</summary>
internal sealed class QuartzCluster : IAsyncDisposable
{
    // Each call is one transaction.
    private const int BatchMax = 500;
    private const int Threads = 20;
    private const string NoopName = "noop";

    private readonly NpgsqlDataSource _database;
    private readonly IScheduler _scheduler;
    private int _tasks;
    private int _batches;

    private QuartzCluster(NpgsqlDataSource database, IScheduler scheduler)
    {
        _database = database;
        _scheduler = scheduler;
    }

    /// <summary>Makes the tables and a node that does not work yet.</summary>
    /// <param name="connection">An Npgsql connection string to an empty database.</param>
    public static async Task<QuartzCluster> OpenAsync(string connection)
    {
        string pooled = new NpgsqlConnectionStringBuilder(connection) { MaxPoolSize = 80, MaxAutoPrepare = 50 }
            .ConnectionString;
        IScheduler scheduler = await QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.ConfigureScheduler(o =>
            {
                o.InstanceName = "bench";
                o.GenerateInstanceId = true;
                o.MaxBatchSize = 0; // As many as there are threads.
                o.BatchTriggerAcquisitionFireAheadTimeWindow = TimeSpan.Zero;
                o.IdleWaitTime = TimeSpan.FromSeconds(1);
            });
            quartz.UseDefaultThreadPool(Threads);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(pooled);
                store.UseClustering(_ => { });
                store.UseSystemTextJsonSerializer();
                store.ProvisionSchema();
            });
            quartz.ConfigureOptions<AdoJobStoreOptions>(o =>
            {
                o.StoreJobDataAsStrings = true;
                o.AcquireTriggersWithinLock = false; // This and the next: lock as little as can be.
                o.LockFreeFiringRounds = true;
            });
        }).BuildScheduler();
        await scheduler.AddJob(Noop(NoopName), AddJobOptions.Replacing);
        return new QuartzCluster(NpgsqlDataSource.Create(pooled), scheduler);
    }

    /// <summary>Begins to execute.</summary>
    public async Task WorkAsync() => await _scheduler.Start();

    /// <summary>Schedules one task.</summary>
    /// <param name="sentAt">Set where the latency is measured.</param>
    public async Task EnqueueAsync(long? sentAt = null) => await _scheduler.ScheduleJob(Trigger(NoopName, sentAt));

    /// <summary>Schedules many with the call for many, which wants a job of their own.</summary>
    public async Task EnqueueBatchesAsync(int count)
    {
        for (int left = count; left > 0; left -= BatchMax)
        {
            string job = $"batch-{_batches++}";
            ITrigger[] triggers =
                [.. Enumerable.Range(0, Math.Min(left, BatchMax)).Select(_ => Trigger(job, sentAt: null))];
            Dictionary<IJobDetail, IReadOnlyCollection<ITrigger>> batch = new() { [Noop(job)] = triggers };
            await _scheduler.ScheduleJobs(batch, default);
        }
    }

    /// <summary>Whether the database holds no task that has not been executed and acknowledged.</summary>
    public async Task<bool> IsEmptyAsync()
    {
        const string Query =
            "SELECT NOT EXISTS (SELECT FROM qrtz_triggers) AND NOT EXISTS (SELECT FROM qrtz_fired_triggers)";
        await using NpgsqlCommand command = _database.CreateCommand(Query);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _scheduler.Shutdown();
        await _database.DisposeAsync();
    }

    private static IJobDetail Noop(string name) =>
        JobBuilder.Create<NoopJob>().WithIdentity(name).StoreDurably().Build();

    private ITrigger Trigger(string job, long? sentAt)
    {
        int id = Interlocked.Increment(ref _tasks);
        TriggerBuilder<IJob> trigger = TriggerBuilder.Create()
            .WithIdentity($"task-{id}")
            .ForJob(job)
            .UsingJobData("payload", Payload(id))
            .StartNow();
        return sentAt is { } at
            ? trigger.UsingJobData(NoopJob.SentAt, at.ToString(CultureInfo.InvariantCulture)).Build()
            : trigger.Build();
    }

    // About 110 bytes, as the other peers have them.
    private static string Payload(int id) => JsonSerializer.Serialize(
        new { id, to = $"user{id}@example.com", kind = "noop", n = id * 7L, note = new string('x', 40) });
}
