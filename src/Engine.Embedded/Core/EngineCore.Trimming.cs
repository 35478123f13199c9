using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>Trimming removes streams behind the core's back: what is reserved for it is left alone until it is
/// done.</summary>
public sealed partial class EngineCore
{
    private readonly HashSet<JobId> _reserved = [];

    private void TakeReserve(CoreInput.Reserve input) => WithJob(input.Job, job =>
    {
        // A report that came before waits for its task: what it records must be in the streams that are removed. And
        // what is being read of them must be there until it has been.
        if (_parked.Keys.FirstOrDefault(l => JobOf(l) == job.Id) is { } load)
        {
            WhenLoaded(load, () => TakeReserve(input));
            return;
        }

        string head = job.Head.Hash.ToString();
        Decision<JobEvent> decision = JobDecider.Decide(
            job.Id, job.State, new JobCommand.Trim(_now.Utc, head), _options.Limits);
        if (ReservedProblem(job.Id) is { } problem)
        {
            _batch.Answer(input.Caller, new TrimAnswer(null, job.Head, null, null, problem));
            return;
        }

        StreamAppend? tombstone = null;
        JobRow? row = null;
        JobState shown = job.State;
        if (!decision.Events.IsEmpty)
        {
            _reserved.Add(job.Id);
            StreamId stream = StreamNames.TombstoneOf(job.Id);
            tombstone = new StreamAppend(
                stream,
                StreamHead.None,
                StreamNames.ShardOf(job.Id.Value, _shardCount),
                IsOpen: false,
                [EventCodec.Encode(stream, StreamHead.None, decision.Events[0], _metadata)]);
            shown = job.State with { TrimmedAt = decision.Events[0].At };
            row = JobRows.Of(job.Id, shown);
        }

        JobSummary? summary = shown.Phase == JobPhase.None ? null : JobSummary.Of(job.Id, shown);
        _batch.Answer(input.Caller, new TrimAnswer(summary, job.Head, tombstone, row, decision.Rejection));
    });

    private static JobId? JobOf(CoreLoad load) => load switch
    {
        CoreLoad.Task task => task.Id.Job,
        CoreLoad.Chunk chunk => chunk.Id,
        _ => null,
    };

    /// <summary>Nothing is written of a job that is being trimmed. What changes nothing is answered as ever, such as a
    /// submit that is repeated.</summary>
    private Rejection? ReservedProblem(LiveJob job, ImmutableArray<JobCommand> commands) =>
        ReservedProblem(job.Id) is { } problem && commands.Any(c => !JobDecider
            .Decide(job.Id, job.State, c with { Now = _now.Utc }, _options.Limits).Events.IsEmpty)
            ? problem
            : null;

    private Rejection? ReservedProblem(JobId job) => _reserved.Contains(job)
        ? new Rejection(RejectionCode.JobState, $"Job {job} is being trimmed.")
        : null;
}
