using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine;

/// <summary>Gives commands to tasks. What is usual is decided here, for many tasks at once and without an activation
/// for each; everything else is decided by the activation of the task.</summary>
/// <remarks>
/// <para>Usual is a command that changes the task, on a state that this process knows because it made it, or on a task
/// that nobody touched yet. The append names the head that was decided on, and the store refuses any other; so it does
/// not matter who decides. What is refused, repeated, stale or of unknown outcome goes to the activation, which reads
/// what is true.</para>
/// <para>The logic only: silos run it in Orleans, and the simulator in its own silos. It goes on wherever it was
/// called, and never leaves that scheduler. Safe for concurrent use.</para>
/// </remarks>
/// <param name="tasksKnownMax">How many unended tasks it remembers.</param>
/// <param name="callsUnderWayMax">How many tasks are asked, or read, at once.</param>
public abstract class TaskDesk(int tasksKnownMax, int callsUnderWayMax)
{
    /// <summary>The most tasks in one append.</summary>
    private const int AppendTasksMax = 256;

    /// <summary>The bytes from which on an append is full: results may be large.</summary>
    private const long AppendBytesMax = 4L * 1024 * 1024;

    private readonly TaskMemory _known = new(tasksKnownMax);

    /// <summary>Gives each task a command.</summary>
    /// <param name="commands">The commands; instant and chance are set here.</param>
    /// <returns>For each, in order, what the task answered or why it could not be reached.</returns>
    public async Task<TaskReply[]> CommandAsync(IReadOnlyList<(TaskId Task, TaskCommand Command)> commands)
    {
        TaskReply[] replies = new TaskReply[commands.Count];
        await Task.WhenAll(
            Prepare(commands).Chunk(AppendTasksMax).SelectMany(Slices).Select(s => StoreAsync(s, replies)));
        int[] rest = [.. Enumerable.Range(0, commands.Count).Where(i => replies[i].Told is null)];
        for (int i = 0; i < rest.Length; i += callsUnderWayMax)
        {
            await Task.WhenAll(rest.Skip(i).Take(callsUnderWayMax).Select(async place =>
                replies[place] = await TryAskAsync(commands[place].Task, commands[place].Command)));
        }

        return replies;
    }

    /// <summary>Looks in the log where tasks stand.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <returns>For each, in order, where it stands.</returns>
    /// <exception cref="EngineUnavailableException">The store failed.</exception>
    public async Task<TaskTold[]> LookAsync(IReadOnlyList<TaskId> tasks)
    {
        List<TaskTold> told = new(tasks.Count);
        foreach (TaskId[] some in tasks.Chunk(callsUnderWayMax))
        {
            try
            {
                told.AddRange(await Task.WhenAll(some.Select(LookAsync)));
            }
            catch (EventStoreException e)
            {
                throw new EngineUnavailableException(e);
            }
        }

        return [.. told];
    }

    /// <summary>Looks where tasks stand, and what they still wait for: from memory where it is what the log says, else
    /// from the log.</summary>
    /// <param name="streams">Their streams, with heads that were just seen in the log.</param>
    /// <returns>For each, in order, where it stands.</returns>
    /// <exception cref="EventStoreException">The store failed.</exception>
    public async Task<TaskTold[]> LookAsync(IReadOnlyList<(TaskId Task, StreamInfo Stream)> streams)
    {
        KnownTask?[] known =
            [.. streams.Select(s => _known.Find(s.Task) is { } k && k.Head == s.Stream.Head ? k : null)];
        int[] missing = [.. Enumerable.Range(0, known.Length).Where(i => known[i] is null)];
        IReadOnlyList<(TaskState State, StreamHead Head)> read =
            await ReadAsync([.. missing.Select(i => streams[i].Stream)]);
        for (int i = 0; i < missing.Length; i++)
        {
            known[missing[i]] = new KnownTask(KnownTask.Slim(read[i].State), read[i].Head);
        }

        return [.. streams.Zip(known, (s, k) => Outstanding(s.Task, k!))];
    }

    /// <summary>How many shards the log has.</summary>
    protected abstract int ShardCount { get; }

    /// <summary>An id that no batch had before.</summary>
    protected abstract Guid NewBatchId();

    /// <summary>Appends to the log.</summary>
    /// <param name="batch">What is to be appended.</param>
    /// <returns>What the store said.</returns>
    /// <exception cref="EventStoreException">It failed, perhaps with an unknown outcome.</exception>
    protected abstract ValueTask<AppendResult> AppendAsync(AppendBatch batch);

    /// <summary>Whether a batch is in the log.</summary>
    /// <param name="batch">Its id.</param>
    /// <returns>True when it is.</returns>
    /// <exception cref="EventStoreException">The store failed.</exception>
    protected abstract ValueTask<bool> WasAppendedAsync(Guid batch);

    /// <summary>Reads a task from the log.</summary>
    /// <param name="task">The task.</param>
    /// <returns>Its state and its head.</returns>
    /// <exception cref="EventStoreException">The store failed.</exception>
    protected abstract ValueTask<(TaskState State, StreamHead Head)> ReadAsync(TaskId task);

    /// <summary>Reads many tasks from the log.</summary>
    /// <param name="streams">Their streams.</param>
    /// <returns>For each, in order, its state and its head.</returns>
    /// <exception cref="EventStoreException">The store failed.</exception>
    protected abstract ValueTask<IReadOnlyList<(TaskState State, StreamHead Head)>> ReadAsync(
        IReadOnlyList<StreamInfo> streams);

    /// <summary>Has the activation of a task carry out a command.</summary>
    /// <param name="task">The task.</param>
    /// <param name="command">The command.</param>
    /// <returns>What it answered; whatever is thrown means that it could not be reached.</returns>
    protected abstract Task<TaskTold> AskAsync(TaskId task, TaskCommand command);

    /// <summary>Sets the instant of a command, and its chance.</summary>
    /// <param name="command">The command.</param>
    /// <returns>The command as it is decided on.</returns>
    protected abstract TaskCommand At(TaskCommand command);

    private async Task<TaskTold> LookAsync(TaskId task)
    {
        (TaskState state, StreamHead head) = await ReadAsync(task);
        return Outstanding(task, new KnownTask(state, head));
    }

    private static TaskTold Outstanding(TaskId task, KnownTask known)
    {
        Message? message = TaskDecider.Outstanding(task, known.State);
        return TaskTold.Of(null, message is null ? [] : [message], known, known.State.Lease);
    }

    private static IEnumerable<ArraySegment<Usual>> Slices(Usual[] usual)
    {
        long bytes = 0;
        int first = 0;
        for (int i = 0; i < usual.Length; i++)
        {
            bytes += usual[i].Append.Events.Sum(e => (long)e.Content.Length + e.Attachments.Length);
            if (bytes > AppendBytesMax || i == usual.Length - 1)
            {
                yield return new ArraySegment<Usual>(usual, first, i + 1 - first);
                (first, bytes) = (i + 1, 0);
            }
        }
    }

    private IEnumerable<Usual> Prepare(IReadOnlyList<(TaskId Task, TaskCommand Command)> commands)
    {
        HashSet<TaskId> seen = [];
        for (int i = 0; i < commands.Count; i++)
        {
            (TaskId task, TaskCommand command) = commands[i];
            if (seen.Add(task) && Decide(i, task, command) is { } usual)
            {
                yield return usual;
            }
        }
    }

    private Usual? Decide(int place, TaskId task, TaskCommand command)
    {
        if (_known.Find(task) is not { } known)
        {
            if (command is not (TaskCommand.Grant or TaskCommand.Cancel or TaskCommand.Skip))
            {
                return null; // It speaks of a lease that this process knows nothing of.
            }

            known = KnownTask.Untouched;
        }

        Decision<TaskEvent> decision = TaskDecider.Decide(task, known.State, At(command));
        if (decision.Rejection is not null || decision.Events.IsEmpty)
        {
            return null;
        }

        StreamId stream = StreamNames.Of(task);
        (List<EventRecord> records, StreamHead head, TaskState state) = EventWriter.Write(
            known.Head,
            known.State,
            decision.Events,
            (h, e) => EventCodec.Encode(stream, h, e, TraceMetadata.OfCurrentActivity()),
            (s, e) => KnownTask.Slim(TaskDecider.Evolve(s, e)));
        int shard = StreamNames.ShardOf(task.Job.Value, ShardCount);
        KnownTask after = new(state, head);
        return new Usual(
            place,
            task,
            new StreamAppend(stream, known.Head, shard, state.IsOpen, records),
            after,
            TaskTold.Of(null, decision.Messages, after, known.State.Lease));
    }

    private async Task StoreAsync(ArraySegment<Usual> usual, TaskReply[] replies)
    {
        AppendResult? result = await TryAppendAsync(usual);
        if (result is AppendResult.Conflict && usual.Count > 1)
        {
            // One of them is not what it was thought to be: halved until it stands alone, the others go through. The
            // store gets two more appends for each halving, not one for each task.
            int half = usual.Count / 2;
            await Task.WhenAll(StoreAsync(usual[..half], replies), StoreAsync(usual[half..], replies));
            return;
        }

        foreach (Usual one in usual)
        {
            if (result is AppendResult.Appended)
            {
                _known.Note(one.Task, one.After);
                replies[one.Place] = new TaskReply(one.Told, null);
            }
            else
            {
                _known.Forget(one.Task);
            }
        }
    }

    /// <summary>Appends; null when the store failed, perhaps after it had stored them: the activations read
    /// what is true.</summary>
    private async Task<AppendResult?> TryAppendAsync(ArraySegment<Usual> usual)
    {
        // A letter that arrives after its job was trimmed must not begin the task anew.
        AppendBatch batch = new(NewBatchId(), [.. usual.Select(u => u.Append)], [])
        {
            Absent =
            [
                .. usual.Where(u => u.Append.Expected == StreamHead.None)
                    .Select(u => u.Task.Job)
                    .Distinct()
                    .Select(StreamNames.TombstoneOf),
            ],
        };
        try
        {
            try
            {
                return await AppendAsync(batch);
            }
            catch (EventStoreException e) when (e.IsOutcomeUnknown)
            {
                return await WasAppendedAsync(batch.Id)
                    ? AppendResult.Appended.Instance
                    : null;
            }
        }
        catch (EventStoreException)
        {
            return null;
        }
    }

    private async Task<TaskReply> TryAskAsync(TaskId task, TaskCommand command)
    {
        try
        {
            return new TaskReply(await AskAsync(task, command), null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new TaskReply(null, e);
        }
    }

    private sealed record Usual(int Place, TaskId Task, StreamAppend Append, KnownTask After, TaskTold Told);
}

/// <summary>What a task answered.</summary>
/// <param name="Told">The answer; null when the task could not be reached.</param>
/// <param name="Failure">Why it could not be reached; null otherwise.</param>
public readonly record struct TaskReply(TaskTold? Told, Exception? Failure);
