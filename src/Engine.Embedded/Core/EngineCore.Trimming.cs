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
        // A report that came before waits for its task: what it records must be in the streams that are removed.
        if (_parked.Keys.OfType<CoreLoad.Task>().FirstOrDefault(l => l.Id.Job == job.Id) is { } load)
        {
            WhenLoaded(load, () => TakeReserve(input));
            return;
        }

        string head = job.Head.Hash.ToString();
        Decision<JobEvent> decision = JobDecider.Decide(
            job.Id, job.State, new JobCommand.Trim(_now.Utc, head), _options.Limits);
        if (ReservedProblem(job.Id) is { } problem)
        {
            _batch.Answer(input.Caller, new TrimAnswer(null, null, null, problem));
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
        _batch.Answer(input.Caller, new TrimAnswer(summary, tombstone, row, decision.Rejection));
    });

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
