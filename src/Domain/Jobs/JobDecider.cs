using System.Collections.Immutable;
using System.Diagnostics;
using static Elasticity.Domain.RejectionCode;
using JobDecision = Elasticity.Domain.Decision<Elasticity.Domain.Jobs.JobEvent>;

namespace Elasticity.Domain.Jobs;

/// <summary>
/// The life of a job as pure functions: what may be asked (here), what an event does (<c>JobDecider.Evolve.cs</c>),
/// what is still to be done (<c>JobDecider.Outstanding.cs</c>). <c>docs/reference/job-transitions.md</c> is generated
/// from it.
/// </summary>
public static partial class JobDecider
{
    /// <summary>So many redrives of a job are known again when their answer was lost and they are asked for once
    /// more.</summary>
    public const int RedrivesKnownMax = 100;

    /// <summary>Decides what a command does to a job.</summary>
    /// <param name="id">The job, named in messages.</param>
    /// <param name="state">The fold of its events so far.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="limits">The limits in force.</param>
    /// <returns>
    /// Events and messages; or a rejection: <c>job-unknown</c>, <c>job-exists</c>, <c>job-incomplete</c>,
    /// <c>digest-mismatch</c>, <c>job-state</c>, <c>dependency-cycle</c>, <c>dependency-unknown</c>, <c>invalid</c>,
    /// <c>limit-exceeded</c>, <c>task-unknown</c>, <c>task-state</c>, <c>idempotency-mismatch</c>.
    /// </returns>
    public static JobDecision Decide(JobId id, JobState state, JobCommand command, Limits limits) =>
        WithCheckpoint(state, Answer(id, state, command, limits), command.Now, limits);

    /// <summary>The word of the API for a phase.</summary>
    /// <param name="phase">The phase.</param>
    /// <returns><c>none</c>, <c>opening</c>, <c>open</c>, <c>failing</c>, <c>cancelling</c>, <c>succeeded</c>,
    /// <c>failed</c>, <c>cancelled</c>.</returns>
    public static string Word(JobPhase phase) => phase.ToString().ToLowerInvariant();

    private static JobDecision Answer(JobId id, JobState state, JobCommand command, Limits limits) =>
        (state.Phase, command) switch
    {
        (JobPhase.None, JobCommand.Open c) => Open(id, c, limits),
        (_, JobCommand.Open c) when c.Digest == state.Digest => JobDecision.NoChange, // The same job, submitted again.
        (_, JobCommand.Open) => JobDecision.Reject(JobExists, $"Job {id} exists with other tasks or another policy."),
        (JobPhase.None, _) => JobDecision.Reject(JobUnknown, $"There is no job {id}."),

        (_, JobCommand.AddTasks c) when HasArrived(state, c) => JobDecision.NoChange, // An answer was lost.
        (JobPhase.Opening, JobCommand.AddTasks c) => AddTasks(id, state, c, limits),
        (JobPhase.Opening, JobCommand.Seal c) => Seal(id, state, c),
        (_, JobCommand.Seal) when state.SealedAt is not null => JobDecision.NoChange,
        (_, JobCommand.RecordOutcomes c) => RecordOutcomes(id, state, c),

        (JobPhase.Opening, JobCommand.Cancel c) => JobDecision.Accept(
            new JobEvent.CancelRequested(c.Now), new JobEvent.Ended(c.Now, JobOutcome.Cancelled)),
        (JobPhase.Open or JobPhase.Failing, JobCommand.Cancel c) =>
            JobDecision.Accept(new JobEvent.CancelRequested(c.Now)) with { Sweep = true },
        (JobPhase.Cancelling or JobPhase.Cancelled, JobCommand.Cancel) => JobDecision.NoChange,

        (JobPhase.Open, JobCommand.Pause) when state.IsPaused => JobDecision.NoChange,
        (JobPhase.Open, JobCommand.Pause c) =>
            JobDecision.Accept(new JobEvent.Paused(c.Now)).Tell(new Message.SetPaused(id, IsPaused: true)),
        (JobPhase.Open, JobCommand.Resume) when !state.IsPaused => JobDecision.NoChange,
        (JobPhase.Open, JobCommand.Resume c) =>
            JobDecision.Accept(new JobEvent.Resumed(c.Now)).Tell(new Message.SetPaused(id, IsPaused: false)),

        (_, JobCommand.Redrive { Request: { } request } c) when Known(state, request) is { } known =>
            known.Index == c.Index ? JobDecision.NoChange // An answer was lost.
            : JobDecision.Reject(
                IdempotencyMismatch, $"The request '{request}' was for another redrive of job {id}."),
        (JobPhase.Open or JobPhase.Succeeded or JobPhase.Failed or JobPhase.Cancelled, JobCommand.Redrive c)
            when state.SealedAt is not null && !state.IsTrimmed => Redrive(id, state, c),

        (JobPhase.Succeeded or JobPhase.Failed or JobPhase.Cancelled, JobCommand.ErasePayloads c)
            when !state.IsTrimmed => ErasePayloads(id, state, c),
        (JobPhase.Succeeded or JobPhase.Failed or JobPhase.Cancelled, JobCommand.Trim c) => Trim(state, c),

        _ => JobDecision.Reject(
            RejectionCode.JobState,
            $"Job {id} is {Word(state.Phase)}{(state.IsTrimmed ? " and trimmed" : "")}: it cannot {Word(command)}."),
    };

    private static string Word(JobCommand command) => command switch
    {
        JobCommand.AddTasks => "take more tasks",
        JobCommand.Seal => "be accepted",
        JobCommand.Cancel => "be cancelled",
        JobCommand.Pause => "be paused",
        JobCommand.Resume => "be resumed",
        JobCommand.Redrive => "be redriven",
        JobCommand.ErasePayloads => "lose its payloads",
        JobCommand.Trim => "be trimmed",
        _ => throw new UnreachableException($"{command.GetType().Name} is never refused for the state of a job."),
    };

    private static string Word(JobTaskStatus status) => status switch
    {
        JobTaskStatus.Blocked => "blocked",
        JobTaskStatus.Released => "still to be done",
        JobTaskStatus.SkipAsked => "about to be skipped",
        JobTaskStatus.Succeeded => "succeeded",
        JobTaskStatus.DeadLettered => "dead-lettered",
        JobTaskStatus.Cancelled => "cancelled",
        JobTaskStatus.Skipped => "skipped",
        _ => throw new UnreachableException($"Unknown status {status}."),
    };

    private static JobOutcome OutcomeOf(JobPhase phase) => phase switch
    {
        JobPhase.Succeeded => JobOutcome.Succeeded,
        JobPhase.Failed => JobOutcome.Failed,
        _ => JobOutcome.Cancelled,
    };

    private static JobDecision Open(JobId id, JobCommand.Open c, Limits limits)
    {
        JobHeader header = c.Header;
        if (!Identifier.IsValid(id.Value))
        {
            return JobDecision.Reject(
                Invalid, $"A job id is 1 to {Identifier.LengthMax} of [A-Za-z0-9._-], not '{id}'.");
        }

        if (c.TaskCount < 0 || !JobDigest.IsValid(c.Digest))
        {
            return JobDecision.Reject(
                Invalid,
                $"A job has 0 or more tasks and a digest of 64 lower-case hexadecimal digits, not {c.TaskCount} "
                    + $"and '{c.Digest}'.");
        }

        if (c.TaskCount > limits.TasksPerJobMax)
        {
            return JobDecision.Reject(
                LimitExceeded, $"A job has at most {limits.TasksPerJobMax} tasks, not {c.TaskCount}.");
        }

        if (header.Name.Length > limits.NameLengthMax || header.Labels.Count > limits.LabelsMax
            || header.Labels.Any(
                l => l.Key.Length is 0 || l.Key.Length > limits.NameLengthMax || l.Value.Length > limits.NameLengthMax))
        {
            return JobDecision.Reject(
                LimitExceeded,
                $"A job has at most {limits.LabelsMax} labels, "
                    + $"and texts of at most {limits.NameLengthMax} characters.");
        }

        if (!Identifier.IsShowable(header.Name)
            || header.Labels.Any(l => !Identifier.IsShowable(l.Key) || !Identifier.IsShowable(l.Value)))
        {
            return JobDecision.Reject(
                Invalid, "A job's name and labels have no control characters and no halves of characters.");
        }

        return header.Policy.Problem() is { } problem
            ? JobDecision.Reject(Invalid, problem)
            : JobDecision.Accept(new JobEvent.Opened(c.Now, header, c.Digest, c.TaskCount));
    }

    private static bool HasArrived(JobState state, JobCommand.AddTasks c) =>
        c.First >= 0 && EndOf(c) <= state.TasksAdded;

    private static long EndOf(JobCommand.AddTasks c) => (long)c.First + c.Tasks.Length;

    private static JobDecision AddTasks(JobId id, JobState state, JobCommand.AddTasks c, Limits limits)
    {
        if (c.First != state.TasksAdded || EndOf(c) > state.TaskCount)
        {
            return JobDecision.Reject(
                JobIncomplete,
                $"Job {id} has {state.TasksAdded} of {state.TaskCount} tasks: "
                    + $"the next chunk begins there, not at {c.First}.");
        }

        if (ProblemOf(state, c, limits) is { } problem)
        {
            return new JobDecision([], [], problem);
        }

        JobDigest digest = JobDigest.From(state.DigestSoFar);
        foreach (TaskSpec task in c.Tasks)
        {
            digest.Add(task);
        }

        return JobDecision.Accept(new JobEvent.TasksAdded(c.Now, c.First, c.Tasks, digest.Value()));
    }

    private static Rejection? ProblemOf(JobState state, JobCommand.AddTasks c, Limits limits)
    {
        long bytes = 0;
        long dependencies = state.DependenciesAdded;
        for (int i = 0; i < c.Tasks.Length; i++)
        {
            TaskSpec task = c.Tasks[i];
            if (task.Problem(limits) is { } problem)
            {
                return problem with { Detail = $"Task {c.First + i}: {problem.Detail}" };
            }

            if (!task.DependsOn.IsDefaultOrEmpty)
            {
                foreach (int dependency in task.DependsOn)
                {
                    if (dependency < 0 || dependency >= state.TaskCount)
                    {
                        return new Rejection(
                            DependencyUnknown,
                            $"Task {c.First + i} depends on task {dependency}, which is not in the job.");
                    }
                }

                dependencies += task.DependsOn.Length;
            }

            bytes += task.Payload.Length;
        }

        return c.Tasks.Length > limits.TasksPerChunkMax || (bytes > limits.ChunkBytesMax && c.Tasks.Length > 1)
            ? new Rejection(
                LimitExceeded,
                $"A chunk has at most {limits.TasksPerChunkMax} tasks and {limits.ChunkBytesMax} payload bytes.")
            : dependencies > limits.DependenciesPerJobMax
            ? new Rejection(LimitExceeded, $"A job has at most {limits.DependenciesPerJobMax} dependencies.")
            : null;
    }

    private static JobDecision Seal(JobId id, JobState state, JobCommand.Seal c)
    {
        if (state.TasksAdded != state.TaskCount)
        {
            return JobDecision.Reject(
                JobIncomplete,
                $"Job {id} declared {state.TaskCount} tasks and has {state.TasksAdded}: it is not complete.");
        }

        if (state.DigestSoFar != state.Digest)
        {
            return JobDecision.Reject(
                DigestMismatch, $"The tasks of job {id} have the digest {state.DigestSoFar}, not {state.Digest}.");
        }

        if (DependencyGraph.Build(state.Chunks, state.TaskCount)?.FindCycle() is { } task)
        {
            return JobDecision.Reject(
                DependencyCycle, $"Task {task} of job {id} waits, through its dependencies, for itself.");
        }

        return state.TaskCount == 0
            ? JobDecision.Accept(new JobEvent.Sealed(c.Now), new JobEvent.Ended(c.Now, JobOutcome.Succeeded))
            : JobDecision.Accept(new JobEvent.Sealed(c.Now)) with { Sweep = true };
    }

    private static JobDecision RecordOutcomes(JobId id, JobState state, JobCommand.RecordOutcomes c)
    {
        HashSet<int> seen = [];
        ImmutableArray<OutcomeRecord> fresh = state.IsOpen && state.SealedAt is not null
            ? [.. c.Outcomes.Where(o => IsAwaited(state, o) && seen.Add(o.Index))]
            : [];
        if (fresh.IsEmpty)
        {
            return JobDecision.NoChange; // Told twice, or of an older run.
        }

        JobEvent recorded = new JobEvent.OutcomesRecorded(c.Now, fresh);
        JobState next = Evolve(state, recorded);
        if (next.Counts.Ended == next.TaskCount)
        {
            JobDecision ended = JobDecision.Accept(recorded, new JobEvent.Ended(c.Now, OutcomeOf(next)));
            return state.IsPaused ? ended.Tell(new Message.SetPaused(id, IsPaused: false)) : ended;
        }

        // Only a new dead letter: an old one may have been left behind when others were redriven.
        if (next.Phase == JobPhase.Open && next.Header.Policy.OnDeadLetter == DeadLetterRule.FailFast
            && next.Counts.DeadLettered > state.Counts.DeadLettered)
        {
            return JobDecision.Accept(recorded, new JobEvent.Failing(c.Now)) with { Sweep = true };
        }

        return JobDecision.Accept(recorded).Tell([.. FollowsFrom(id, state, next, fresh)]);
    }

    private static bool IsAwaited(JobState state, OutcomeRecord o) =>
        o.Index >= 0 && o.Index < state.TaskCount && o.Run == state.RunOf(o.Index) && !IsEnded(state.Status[o.Index]);

    private static JobOutcome OutcomeOf(JobState state)
    {
        bool isCancelled = state.Counts.Cancelled > 0;
        bool isFailed = state.Counts.DeadLettered > 0 && state.Header.Policy.OnDeadLetter != DeadLetterRule.Ignore;
        return (state.Phase, isCancelled, isFailed) switch
        {
            (JobPhase.Cancelling, true, _) => JobOutcome.Cancelled,
            (_, _, true) => JobOutcome.Failed,
            (_, true, _) => JobOutcome.Cancelled,
            _ => JobOutcome.Succeeded,
        };
    }

    private static ImmutableArray<IndexRange> Ranges(int[] sorted)
    {
        ImmutableArray<IndexRange>.Builder ranges = ImmutableArray.CreateBuilder<IndexRange>();
        foreach (int index in sorted)
        {
            if (ranges.Count > 0 && ranges[^1] is var last && last.First + last.Count == index)
            {
                ranges[^1] = last with { Count = last.Count + 1 };
            }
            else
            {
                ranges.Add(new IndexRange(index, 1));
            }
        }

        return ranges.DrainToImmutable();
    }

    private static bool IsEnded(JobTaskStatus status) => status >= JobTaskStatus.Succeeded;

    private static bool IsEndedBadly(JobTaskStatus status) => status > JobTaskStatus.Succeeded;
}
