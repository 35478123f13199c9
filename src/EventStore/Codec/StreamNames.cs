using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Elasticity.Domain;

namespace Elasticity.EventStore.Codec;

/// <summary>The names of the streams, stored for ever.</summary>
public static class StreamNames
{
    /// <summary>What the names of all jobs' streams begin with.</summary>
    public const string JobPrefix = "job/";

    /// <summary>What the names of all tasks' streams begin with.</summary>
    public const string TaskPrefix = "task/";

    /// <summary>What the names of all agents' streams begin with.</summary>
    public const string AgentPrefix = "agent/";

    /// <summary>What the names of the streams begin with that stand for trimmed jobs.</summary>
    public const string TrimmedPrefix = "trimmed/";

    private const uint FnvOffset = 2_166_136_261; // FNV-1a, 32 bit: Fowler, Noll, Vo; IETF draft-eastlake-fnv
    private const uint FnvPrime = 16_777_619;

    /// <summary>The stream of a job.</summary>
    /// <param name="job">The job.</param>
    /// <returns><c>job/ID</c>.</returns>
    public static StreamId Of(JobId job) => new(JobPrefix + job.Value);

    /// <summary>The stream of the tombstone of a trimmed job.</summary>
    /// <param name="job">The job.</param>
    /// <returns><c>trimmed/ID</c>.</returns>
    public static StreamId TombstoneOf(JobId job) => new(TrimmedPrefix + job.Value);

    /// <summary>The stream of a task. The index has leading zeros, so that the tasks of a job are listed in
    /// order.</summary>
    /// <param name="task">The task.</param>
    /// <returns><c>task/JOB/00000007</c>.</returns>
    public static StreamId Of(TaskId task) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{TaskPrefix}{task.Job.Value}/{task.Index:D8}"));

    /// <summary>The stream of an agent.</summary>
    /// <param name="agent">The agent.</param>
    /// <returns><c>agent/ID</c>.</returns>
    public static StreamId Of(AgentId agent) => new(AgentPrefix + agent.Value);

    /// <summary>What the names of the streams of a job's tasks begin with.</summary>
    /// <param name="job">The job.</param>
    /// <returns><c>task/JOB/</c>.</returns>
    public static string TasksOf(JobId job) => $"{TaskPrefix}{job.Value}/";

    /// <summary>The shard of a job and its tasks, or of an agent: FNV-1a over the id. Part of the stored
    /// format.</summary>
    /// <param name="id">The id.</param>
    /// <param name="shardCount">How many shards the store has.</param>
    /// <returns>0 to <paramref name="shardCount"/> - 1.</returns>
    public static int ShardOf(string id, int shardCount)
    {
        uint hash = FnvOffset;
        foreach (char c in id)
        {
            hash = (hash ^ (byte)c) * FnvPrime;
        }

        return (int)(hash % (uint)shardCount);
    }

    /// <summary>Reads the name of a job's stream.</summary>
    /// <param name="stream">The name.</param>
    /// <param name="job">The job.</param>
    /// <returns>False when it is not the name of a job's stream.</returns>
    public static bool TryParseJob(StreamId stream, [NotNullWhen(true)] out JobId? job)
    {
        bool isJob = stream.Value.StartsWith(JobPrefix, StringComparison.Ordinal);
        job = isJob ? new JobId(stream.Value[JobPrefix.Length..]) : null;
        return isJob;
    }

    /// <summary>Reads the name of a task's stream.</summary>
    /// <param name="stream">The name.</param>
    /// <param name="task">The task.</param>
    /// <returns>False when it is not the name of a task's stream.</returns>
    public static bool TryParseTask(StreamId stream, [NotNullWhen(true)] out TaskId? task)
    {
        string[] parts = stream.Value.Split('/');
        bool isTask = parts.Length == 3 && parts[0] == "task"
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        task = isTask ? new TaskId(new JobId(parts[1]), int.Parse(parts[2], CultureInfo.InvariantCulture)) : null;
        return isTask;
    }
}
