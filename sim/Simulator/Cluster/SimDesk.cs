using System.Collections.Immutable;
using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Simulator.Cluster;

/// <summary>The desk of a simulated silo: the logic itself is the one that silos run, see
/// <see cref="TaskDesk{TTold}"/>; store and calls are simulated. What it remembers dies with the silo.</summary>
internal sealed class SimDesk(SiloProcess silo)
    : TaskDesk<TaskTold>(silo.Plan.Bounds.TasksKnownMax, silo.Plan.Bounds.CallsUnderWayMax)
{
    protected override int ShardCount => silo.Store.ShardCount;

    public static string KeyOf(TaskId task) =>
        string.Create(CultureInfo.InvariantCulture, $"{task.Job.Value}/{task.Index}");

    /// <summary>What a decision means for others, whoever made it: see <c>src/Grains/TaskAnswers.cs</c>.</summary>
    public static TaskTold Told(
        Rejection? rejection, ImmutableArray<Message> messages, TaskState state, StreamHead head, Lease? holder)
    {
        ImmutableArray<Letter>.Builder letters = ImmutableArray.CreateBuilder<Letter>(messages.Length);
        foreach (Message message in messages)
        {
            switch (message)
            {
                case Message.WatchLease m: letters.Add(new Letter(m, m.Lease.Agent)); break;
                case Message.TaskEnded m: letters.Add(new Letter(m, Head: head.Hash.ToString())); break;
                case Message.ForgetLease m when holder is not null && holder.Token == m.Token:
                    letters.Add(new Letter(m, holder.Agent));
                    break;
                case Message.ForgetLease: break; // Nobody minds a lease that ended before.
                default: letters.Add(new Letter(message)); break;
            }
        }

        return new TaskTold(
            rejection,
            letters.DrainToImmutable(),
            state.Run,
            state.Lease,
            state.Terms?.EffectiveLeaseLength ?? TimeSpan.Zero);
    }

    /// <summary>Sets the instant of a command, and its chance.</summary>
    public static TaskCommand At(TaskCommand command, SiloProcess silo) => command is TaskCommand.Settle settle
        ? settle with { Now = silo.Utc, Chance = silo.Dice.Unit() }
        : command with { Now = silo.Utc };

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
        silo.Cluster.CallAsync<TaskGrain, TaskTold>(silo, GrainKind.Task, KeyOf(task), t => t.CommandAsync(command));

    protected override TaskCommand At(TaskCommand command) => At(command, silo);

    protected override TaskTold Told(ImmutableArray<Message> messages, KnownTask known, Lease? holder) =>
        Told(null, messages, known.State, known.Head, holder);
}
