using System.Collections.Immutable;
using System.Globalization;
using Elasticity.Domain;
using Elasticity.EventStore.Codec;

namespace Elasticity.Grains;

/// <summary>The grains that hold the queue of a kind: one, or one for each shard of its jobs.</summary>
/// <remarks>The key is <c>KIND</c> for the first shard and <c>KIND/SHARD</c> for the others; a kind has no slash. All
/// tasks of a job are in one shard. Priorities and turns hold inside each shard.</remarks>
internal static class QueueKey
{
    /// <summary>The queue that a job's tasks of a kind are in.</summary>
    public static string Of(string kind, JobId job, int shardCount) =>
        Of(kind, shardCount == 1 ? 0 : StreamNames.ShardOf(job.Value, shardCount));

    /// <summary>All queues of some kinds.</summary>
    public static ImmutableArray<string> All(ImmutableArray<string> kinds, int shardCount) => shardCount == 1
        ? kinds
        : [.. kinds.SelectMany(_ => Enumerable.Range(0, shardCount), Of)];

    /// <summary>All queues of a kind, from one of them on: so that none is always the last.</summary>
    public static IEnumerable<string> Of(string kind, int shardCount, int start) =>
        Enumerable.Range(0, shardCount).Select(s => Of(kind, (start + s) % shardCount));

    /// <summary>The kind whose tasks a queue holds.</summary>
    public static string KindOf(string key) =>
        key.IndexOf('/', StringComparison.Ordinal) is >= 0 and int slash ? key[..slash] : key;

    private static string Of(string kind, int shard) =>
        shard == 0 ? kind : string.Create(CultureInfo.InvariantCulture, $"{kind}/{shard}");
}
