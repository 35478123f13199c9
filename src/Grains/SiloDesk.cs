using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Grains;

/// <summary>The desk of a silo: see <see cref="TaskDesk"/>. Activations of tasks are grains.</summary>
/// <remarks>One for each silo. Safe for concurrent use.</remarks>
/// <param name="grains">The way to the grains.</param>
/// <param name="store">The log.</param>
/// <param name="options">Bounds.</param>
/// <param name="clock">The clocks.</param>
public sealed class SiloDesk(IGrainFactory grains, IEventStore store, GrainsOptions options, EngineClock clock)
    : TaskDesk(options.TasksKnownMax, options.CallsUnderWayMax)
{
    private readonly StateReader _states = new(store);

    /// <inheritdoc/>
    protected override int ShardCount => store.ShardCount;

    /// <inheritdoc/>
    protected override Guid NewBatchId() => Guid.CreateVersion7();

    /// <inheritdoc/>
    protected override ValueTask<AppendResult> AppendAsync(AppendBatch batch) =>
        store.AppendAsync(batch, CancellationToken.None);

    /// <inheritdoc/>
    protected override ValueTask<bool> WasAppendedAsync(Guid batch) =>
        store.WasAppendedAsync(batch, CancellationToken.None);

    /// <inheritdoc/>
    protected override ValueTask<(TaskState State, StreamHead Head)> ReadAsync(TaskId task) =>
        _states.TaskAsync(task, long.MaxValue, CancellationToken.None);

    /// <inheritdoc/>
    protected override async ValueTask<IReadOnlyList<(TaskState State, StreamHead Head)>> ReadAsync(
        IReadOnlyList<StreamInfo> streams) => await _states.TasksAsync(streams, CancellationToken.None).ToListAsync();

    /// <inheritdoc/>
    protected override Task<TaskTold> AskAsync(TaskId task, TaskCommand command) =>
        grains.GetGrain<ITaskGrain>(task.ToString()).CommandAsync(command);

    /// <inheritdoc/>
    protected override TaskCommand At(TaskCommand command) => clock.Stamp(command);
}
