using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>Kinds are bounded: every step looks at every queue.</summary>
public sealed partial class EngineCore
{
    /// <summary>By how many segments of unended jobs and offers of live agents each kind is named.</summary>
    private readonly Dictionary<string, int> _kinds = new(StringComparer.Ordinal);

    private Rejection? KindsProblem(IEnumerable<string> named)
    {
        int fresh = named.Distinct().Count(k => !_kinds.ContainsKey(k));
        return fresh > 0 && _kinds.Count + fresh > _options.Limits.KindsMax
            ? new Rejection(
                RejectionCode.LimitExceeded,
                $"Unended jobs and live agents name at most {_options.Limits.KindsMax} kinds, and {_kinds.Count} are "
                + $"named already.")
            : null;
    }

    /// <summary>The kinds of tasks that the commands add to a job.</summary>
    private static IEnumerable<string> KindsOf(JobState job, IEnumerable<JobCommand> commands) =>
        job.SealedAt is not null
            ? job.IsEnded && commands.Any(c => c is JobCommand.Redrive) ? job.Kinds() : []
            : commands.OfType<JobCommand.AddTasks>().SelectMany(c => c.Tasks).Select(t => t.Kind);

    private static ImmutableArray<string> KindsOf(AgentCommand command) =>
        command is AgentCommand.Register { Offer.Kinds: { IsDefault: false } kinds } ? kinds : [];

    /// <summary>Counts the kinds that a job names: none when it has ended.</summary>
    private void CountKinds(LiveJob job)
    {
        int count = job.State.IsOpen ? job.State.Chunks.Length : 0;
        for (; job.ChunksCounted < count; job.ChunksCounted++)
        {
            CountKinds(job.State.Chunks[job.ChunksCounted], 1);
        }

        for (; job.ChunksCounted > count; job.ChunksCounted--)
        {
            CountKinds(job.State.Chunks[job.ChunksCounted - 1], -1);
        }
    }

    private void CountKinds(TaskChunk chunk, int change)
    {
        foreach (TaskSegment segment in chunk.Segments)
        {
            CountKind(segment.Kind, change);
        }
    }

    private void CountKind(string kind, int change)
    {
        int count = _kinds.GetValueOrDefault(kind) + change;
        if (count > 0)
        {
            _kinds[kind] = count;
        }
        else
        {
            _kinds.Remove(kind);
        }
    }

    private void DropEmptyQueues()
    {
        List<string>? empty = null;
        foreach (KindQueue queue in _queues.Values)
        {
            if (queue.IsEmpty)
            {
                (empty ??= []).Add(queue.Kind);
            }
        }

        empty?.ForEach(k => _queues.Remove(k));
    }
}
