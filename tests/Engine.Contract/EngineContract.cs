using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.Engine.Contract;

/// <summary>
/// What <see cref="IElasticity"/> promises, as tests. An engine passes when a class that inherits this one does. After
/// each test the whole log is read and must make sense.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "xUnit disposes through IAsyncLifetime.")]
public abstract partial class EngineContract : IAsyncLifetime
{
    /// <summary>The kind of tasks that the tests do.</summary>
    protected const string Kind = "resize";

    /// <summary>How many leases one session may hold in the suite.</summary>
    protected const int LeasesPerSessionMax = 1_050;

    /// <summary>The lease length of the suite: short, because some engines really wait.</summary>
    protected static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    /// <summary>The first back-off of the suite.</summary>
    protected static readonly TimeSpan BackOff = TimeSpan.FromSeconds(1);

    /// <summary>A wait that no test sees the end of.</summary>
    protected static readonly TimeSpan Forever = TimeSpan.FromSeconds(60);

    private static readonly EngineSettings Settings = new(
        Limits.Default with { LeasesPerSessionMax = LeasesPerSessionMax }, TimeSpan.FromSeconds(20));

    // Far more than any test needs, so that an engine which hangs fails by name.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static int _tests;

    private readonly CancellationTokenSource _timeout = new(Patience);
    private readonly int _test = Interlocked.Increment(ref _tests);
    private EngineHarness? _harness;
    private int _names;

    /// <summary>The engine with its clock and its life.</summary>
    protected EngineHarness Harness =>
        _harness ?? throw new InvalidOperationException("The engine runs only while a test does.");

    /// <summary>The engine under test.</summary>
    protected IElasticity Engine => Harness.Engine;

    /// <summary>Ends when the test takes too long.</summary>
    protected CancellationToken Ct => _timeout.Token;

    /// <summary>Whether every test restarts the engine half-way, where it calls <see cref="HalfWayAsync"/>.</summary>
    protected virtual bool RestartsHalfWay => false;

    /// <summary>Makes an engine that is not started yet.</summary>
    /// <returns>The harness; the suite starts and disposes it.</returns>
    protected abstract ValueTask<EngineHarness> CreateHarnessAsync();

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        _harness = await CreateHarnessAsync();
        await _harness.StartAsync(Settings, Ct);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        try
        {
            await Harness.FinishAsync(Ct);
            await ChainCheck.VerifyAsync(Harness.Store, Ct);
            await LogCheck.VerifyAsync(Harness.Store, Harness.IsAtomic, Ct);
        }
        finally
        {
            await Harness.DisposeAsync();
            _timeout.Dispose();
        }
    }

    /// <summary>Where a restart must make no difference: here the restarting suite restarts.</summary>
    /// <param name="scenario">Whose half-way it is.</param>
    /// <returns>When the engine serves.</returns>
    protected virtual Task HalfWayAsync([CallerMemberName] string scenario = "")
    {
        MayDie(scenario);
        return RestartsHalfWay ? Harness.RestartAsync(Ct) : Task.CompletedTask;
    }

    /// <summary>From here on a part of the engine may die once, in the middle of whatever it does, where nobody should
    /// notice. Engines of one part do not.</summary>
    /// <param name="scenario">Which scenario says so.</param>
    protected virtual void MayDie([CallerMemberName] string scenario = "") { }

    private static T Accepted<T>(Reply<T> reply)
        where T : class
    {
        Assert.True(reply.IsAccepted, $"{reply.Rejection?.Code}: {reply.Rejection?.Detail}");
        return reply.Value;
    }

    private static void Refused<T>(string code, Reply<T> reply)
        where T : class
    {
        Assert.False(reply.IsAccepted, $"It was accepted; expected {code}.");
        Assert.Equal(code, reply.Rejection.Code);
    }

    private static Payload Json(string json) => Payload.FromJson(json);

    private static JobHeader Header(JobPolicy? policy = null, string name = "") =>
        new(name, policy ?? JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);

    private static TaskSpec Spec(params int[] after) => new()
    {
        Kind = Kind,
        DependsOn = [.. after],
        LeaseLength = Lease,
        Retry = new RetryPolicy { First = BackOff, Jitter = 0 },
    };

    private static TaskSpec[] Specs(int count) => [.. Enumerable.Range(0, count).Select(
        i => Spec() with { Payload = Json(i.ToString()) })];

    // No two tests of a process share a name: an engine may serve one test after the other.
    private string NewName(string what) => $"{what}-{_test}-{++_names}";

    private async Task<JobId> SubmitAsync(params TaskSpec[] tasks) => await SubmitAsync(JobPolicy.Default, tasks);

    private async Task<JobId> SubmitAsync(JobPolicy policy, params TaskSpec[] tasks)
    {
        JobId id = new(NewName("job"));
        Accepted(await Engine.SubmitAsync(new JobSubmission(id, Header(policy), tasks), Ct));
        return id;
    }

    private async Task<Member> RegisterAsync(params string[] kinds)
    {
        Member member = new(this, NewName("agent"));
        await member.RegisterAsync(kinds.Length > 0 ? kinds : [Kind]);
        return member;
    }

    /// <summary>Waits until something holds that needs more steps of the engine, but no time to speak of.</summary>
    private async Task EventuallyAsync(Func<Task<bool>> condition, string what)
    {
        const int StepsMax = 5_000;
        for (int i = 0; i < StepsMax; i++)
        {
            if (await condition())
            {
                return;
            }

            await Harness.AdvanceAsync(TimeSpan.FromMilliseconds(1), Ct);
        }

        Assert.Fail($"It did not happen: {what}.");
    }

    private async Task<JobSummary> JobAsync(JobId job) => Accepted(await Engine.GetJobAsync(job, null, Ct));

    private Task<JobSummary> JobIsAsync(string state, JobId job) => JobIsAsync(state, job, _ => true);

    private async Task<JobSummary> JobIsAsync(string state, JobId job, Func<JobSummary, bool> also)
    {
        JobSummary summary = await JobAsync(job);
        await EventuallyAsync(
            async () => (summary = await JobAsync(job)).State == state && also(summary),
            $"{job} is {summary.State} with {summary.Counts}, not {state}");
        return summary;
    }

    private Task<TaskView> TaskAsync(JobId job, int index = 0, bool withPayloads = false) =>
        TaskAsync(new TaskId(job, index), withPayloads);

    private async Task<TaskView> TaskAsync(TaskId task, bool withPayloads = false) =>
        Accepted(await Engine.GetTaskAsync(task, null, withPayloads, Ct));

    private async Task<TaskView> TaskIsAsync(string state, TaskId task)
    {
        TaskView view = await TaskAsync(task);
        await EventuallyAsync(async () => (view = await TaskAsync(task)).State == state, $"{task} is {state}");
        return view;
    }

    private async Task<List<string>> StatesAsync(JobId job)
    {
        Page<TaskView> page = Accepted(await Engine.ListTasksAsync(job, new TaskQuery(), null, 1_000, Ct));
        return [.. page.Items.Select(t => t.State)];
    }

    private Task<IReadOnlyList<StoredEvent>> EventsAsync(JobId job) => EventsAsync(StreamNames.Of(job));

    private Task<IReadOnlyList<StoredEvent>> EventsAsync(TaskId task) => EventsAsync(StreamNames.Of(task));

    private async Task<IReadOnlyList<StoredEvent>> EventsAsync(StreamId stream) =>
        await Engine.ReadHistoryAsync(stream, 1, 1_000, Ct);

    private async Task<string[]> TypesAsync(TaskId task) => [.. (await EventsAsync(task)).Select(e => e.Record.Type)];

    private async Task<string[]> TypesAsync(JobId job) => [.. (await EventsAsync(job)).Select(e => e.Record.Type)];

    private static JsonElement ContentOf(StoredEvent e) => JsonDocument.Parse(e.Record.Content).RootElement;

    private async Task<QueueView?> QueueAsync(string kind = Kind) =>
        (await Engine.ListQueuesAsync(Ct)).SingleOrDefault(q => q.Kind == kind);

    private async Task<long> EventCountAsync()
    {
        await LogIsShownAsync();
        long count = 0;
        LogCursor cursor = LogCursor.Start;
        LogPage page;
        do
        {
            page = await Engine.ReadLogAsync(cursor, 1_000, Ct);
            count += page.Events.Count;
            cursor = page.Next;
        }
        while (!page.IsEnd || page.Events.Count > 0);
        return count;
    }

    /// <summary>Waits until the log shows all that is stored: a store that others reach, too, holds events back while
    /// anybody has a transaction open on that server.</summary>
    private async Task LogIsShownAsync()
    {
        while (Harness.Store is IOwnedEventStore owned && (await owned.ReadLogLagAsync(Ct)).Events > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), Ct);
        }
    }
}
