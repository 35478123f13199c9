using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Simulator.Cluster;

/// <summary>The desk of a simulated silo: the logic itself is the one that silos run, see
/// <see cref="TaskDesk"/>; store and calls are simulated. What it remembers dies with the silo.</summary>
internal sealed class SimDesk(SiloProcess silo)
    : TaskDesk(silo.Plan.Bounds.TasksKnownMax, silo.Plan.Bounds.CallsUnderWayMax)
{
    protected override int ShardCount => silo.Store.ShardCount;

    protected override Guid NewBatchId() => silo.NewId();

    protected override async ValueTask<AppendResult> AppendAsync(AppendBatch batch) =>
        await silo.Store.AppendAsync(batch);

    protected override async ValueTask<bool> WasAppendedAsync(Guid batch) => await silo.Store.HoldsAsync(batch);

    protected override async ValueTask<(TaskState State, StreamHead Head)> ReadAsync(TaskId task) =>
        await silo.Store.ReadAsync(s => new StateReader(s).TaskAsync(task, long.MaxValue, CancellationToken.None));

    protected override async ValueTask<IReadOnlyList<(TaskState State, StreamHead Head)>> ReadAsync(
        IReadOnlyList<StreamInfo> streams) =>
        await silo.Store.ReadAsync(s => new StateReader(s).TasksAsync(streams, CancellationToken.None).ToListAsync());

    protected override Task<TaskTold> AskAsync(TaskId task, TaskCommand command) =>
        silo.Cluster.CallAsync<TaskGrain, TaskTold>(
            silo, GrainKind.Task, task.ToString(), t => t.CommandAsync(command));

    protected override TaskCommand At(TaskCommand command) => silo.Stamp(command);
}
