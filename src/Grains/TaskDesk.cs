using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Grains;

/// <summary>Gives commands to tasks. What is usual is decided here, for many tasks at once and without a grain for
/// each; everything else is decided by the grain of the task.</summary>
/// <remarks>
/// <para>Usual is a command that changes the task, on a state that this silo knows because it made it, or on a task
/// that nobody touched yet. As in <see cref="AggregateGrain{TState,TEvent}"/>, the append names the head that was
/// decided on, and the store refuses any other; so it does not matter who decides. What is refused, repeated, stale or
/// of unknown outcome goes to the grain, which reads what is true.</para>
/// <para>One for each silo. Safe for concurrent use.</para>
/// </remarks>
/// <param name="grains">The way to the grains.</param>
/// <param name="store">The log.</param>
/// <param name="options">Bounds.</param>
/// <param name="clock">The clocks.</param>
public sealed class TaskDesk(IGrainFactory grains, IEventStore store, GrainsOptions options, EngineClock clock)
{
    /// <summary>The most tasks in one append.</summary>
    private const int AppendTasksMax = 256;

    /// <summary>The bytes from which on an append is full: results may be large.</summary>
    private const long AppendBytesMax = 4L * 1024 * 1024;

    private readonly TaskMemory _known = new(options.TasksKnownMax);

    /// <summary>Gives each task a command.</summary>
    /// <param name="commands">The commands; instant and chance are set here.</param>
    /// <returns>For each, in order, what the task answered or why it could not be reached.</returns>
    public async Task<TaskReply[]> CommandAsync(IReadOnlyList<(TaskId Task, TaskCommand Command)> commands)
    {
        TaskReply[] replies = new TaskReply[commands.Count];
        await Task.WhenAll(
            Prepare(commands).Chunk(AppendTasksMax).SelectMany(Slices).Select(s => StoreAsync(s, replies)));
        int[] rest = [.. Enumerable.Range(0, commands.Count).Where(i => replies[i].Told is null)];
        for (int i = 0; i < rest.Length; i += options.CallsUnderWayMax)
        {
            await Task.WhenAll(rest.Skip(i).Take(options.CallsUnderWayMax).Select(async place =>
                replies[place] = await AskAsync(commands[place].Task, commands[place].Command)));
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
        foreach (TaskId[] some in tasks.Chunk(options.CallsUnderWayMax))
        {
            try
            {
                told.AddRange(await Task.WhenAll(some.Select(ReadAsync)));
            }
            catch (EventStoreException e)
            {
                throw new EngineUnavailableException(e.Code, e.Message, e);
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
        int read = 0;
        await foreach ((TaskState state, StreamHead head) in new StateReader(store)
            .TasksAsync([.. missing.Select(i => streams[i].Stream)], CancellationToken.None))
        {
            known[missing[read++]] = new KnownTask(TaskAnswers.Slim(state), head);
        }

        return [.. streams.Zip(known, (s, k) => TaskAnswers.Outstanding(s.Task, k!))];
    }

    private async Task<TaskTold> ReadAsync(TaskId task)
    {
        (TaskState state, StreamHead head) = await new StateReader(store)
            .TaskAsync(task, long.MaxValue, CancellationToken.None);
        return TaskAnswers.Outstanding(task, new KnownTask(state, head));
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
                return null; // It speaks of a lease that this silo knows nothing of.
            }

            known = KnownTask.Untouched;
        }

        Decision<TaskEvent> decision = TaskDecider.Decide(task, known.State, TaskAnswers.At(command, clock));
        if (decision.Rejection is not null || decision.Events.IsEmpty)
        {
            return null;
        }

        StreamId stream = StreamNames.Of(task);
        (List<EventRecord> records, StreamHead head, TaskState state) = Journal.Write(
            known.Head,
            known.State,
            decision.Events,
            (h, e) => EventCodec.Encode(stream, h, e, TraceMetadata.OfCurrentActivity()),
            (s, e) => TaskAnswers.Slim(TaskDecider.Evolve(s, e)));
        int shard = StreamNames.ShardOf(task.Job.Value, store.ShardCount);
        return new Usual(
            place,
            task,
            new StreamAppend(stream, known.Head, shard, state.IsOpen, records),
            new KnownTask(state, head),
            TaskAnswers.Told(null, decision.Messages, state, head, known.State.Lease));
    }

    private async Task StoreAsync(ArraySegment<Usual> usual, TaskReply[] replies)
    {
        AppendResult? result = await AppendAsync(usual);
        if (result is AppendResult.Conflict && usual.Count > 1)
        {
            // One of them is not what it was thought to be: alone, each of the others goes through.
            await Task.WhenAll(Enumerable.Range(0, usual.Count).Select(i => StoreAsync(usual.Slice(i, 1), replies)));
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

    /// <summary>Appends; null when the store failed, perhaps after it had stored them: the grains read what is
    /// true.</summary>
    private async Task<AppendResult?> AppendAsync(ArraySegment<Usual> usual)
    {
        // A letter that arrives after its job was trimmed must not begin the task anew.
        AppendBatch batch = new(Guid.CreateVersion7(), [.. usual.Select(u => u.Append)], [])
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
                return await store.AppendAsync(batch, CancellationToken.None);
            }
            catch (EventStoreException e) when (e.IsOutcomeUnknown)
            {
                return await store.WasAppendedAsync(batch.Id, CancellationToken.None)
                    ? AppendResult.Appended.Instance
                    : null;
            }
        }
        catch (EventStoreException)
        {
            return null;
        }
    }

    private ITaskGrain Grain(TaskId task) => grains.GetGrain<ITaskGrain>(
        string.Create(CultureInfo.InvariantCulture, $"{task.Job.Value}/{task.Index}"));

    private async Task<TaskReply> AskAsync(TaskId task, TaskCommand command)
    {
        try
        {
            return new TaskReply(await Grain(task).CommandAsync(command), null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new TaskReply(null, e);
        }
    }

    private sealed record Usual(int Place, TaskId Task, StreamAppend Append, KnownTask After, TaskTold Told);
}

/// <summary>What a task answered.</summary>
/// <param name="Told">The answer; null when it could not be reached.</param>
/// <param name="Failure">Why it could not be reached; null otherwise.</param>
public readonly record struct TaskReply(TaskTold? Told, Exception? Failure);
