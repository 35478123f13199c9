using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Embedded;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;

namespace Elasticity.Simulator.Reference;

/// <summary>An engine's core on a store that never fails: asked one thing at a time, and stepped until it
/// rests.</summary>
internal sealed class CoreDriver
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly InMemoryEventStore _store = new();
    private readonly EngineCore _core = new(
        new CoreOptions { SessionSilenceMax = TimeSpan.FromDays(1) }, shardCount: 4, () => 0.5);

    private readonly Loader _loader;
    private readonly Queue<CoreInput> _loaded = new();
    private object? _answer;

    public CoreDriver() => _loader = new Loader(_store);

    public TimeSpan Now { get; private set; }

    public T Ask<T>(CoreInput input)
    {
        _answer = null;
        Rest(input with { Caller = this });
        return _answer is T answer ? answer : throw new InvalidOperationException($"{input} was not answered.");
    }

    /// <summary>Lets time pass, and never oversleeps.</summary>
    public void Advance(TimeSpan by)
    {
        TimeSpan end = Now + by;
        while (Now < end)
        {
            Now = _core.NextWake < end ? _core.NextWake : end;
            Rest();
        }
    }

    /// <summary>What is stored of a job.</summary>
    public JobState Job(JobId id) => _loader.States.JobAsync(id, long.MaxValue, default).AsTask().Result.State;

    /// <summary>What is stored of a task.</summary>
    public TaskState Task(TaskId id) => _loader.States.TaskAsync(id, long.MaxValue, default).AsTask().Result.State;

    private void Rest(params IReadOnlyList<CoreInput> inputs)
    {
        do
        {
            CoreBatch batch = new();
            _core.Step(new Instant(Epoch + Now, Now), inputs, batch);
            if (!batch.HasNoEvents)
            {
                _ = _store.AppendAsync(batch.ToAppend(Guid.NewGuid()), default).AsTask().Result
                    as AppendResult.Appended ?? throw new InvalidOperationException("An append conflicted.");
            }

            foreach ((_, object answer) in batch.Answers)
            {
                _answer = answer;
            }

            foreach (CoreLoad load in batch.Loads)
            {
                _loaded.Enqueue(_loader.LoadAsync(load, default).AsTask().Result);
            }

            inputs = _loaded.TryDequeue(out CoreInput? next) ? [next] : [];
        }
        while (inputs.Count > 0 || _core.NextWake <= Now);
    }
}
