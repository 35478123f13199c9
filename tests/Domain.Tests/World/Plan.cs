using System.Collections.Immutable;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;

namespace Elasticity.Domain.Tests.World;

/// <summary>A job that a client wants done.</summary>
internal sealed record Plan(JobId Id, JobHeader Header, ImmutableArray<TaskSpec> Tasks)
{
    public static readonly string[] Kinds = ["resize", "upload"];

    public string Digest { get; } = JobDigest.Of(Header.Policy, Tasks);

    /// <summary>How many tasks wait for one another in a row, at most.</summary>
    public int Depth { get; } = DepthOf(Tasks);

    public static Plan Draw(Random random, string id, DateTimeOffset now)
    {
        int count = random.Next(9);
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order); // A task may depend on any before it in this order, so there is no cycle.
        double density = random.NextDouble() * 0.5;
        JobPolicy policy = new()
        {
            OnDeadLetter = Maybe(random, (DeadLetterRule)random.Next(1, 4)),
            Retry = random.Next(2) == 0 ? null : DrawRetry(random),
            LeaseLength = Maybe(random, TimeSpan.FromSeconds(random.Next(1, 8))),
            Priority = Maybe(random, random.Next(-1, 2)),
        };
        TaskSpec[] tasks = new TaskSpec[count];
        for (int i = 0; i < count; i++)
        {
            int[] earlier = order[..i];
            tasks[order[i]] = new TaskSpec
            {
                Kind = Kinds[random.Next(Kinds.Length)],
                DependsOn = [.. earlier.Where(_ => random.NextDouble() < density)],
                Retry = random.Next(2) == 0 ? null : DrawRetry(random),
                LeaseLength = Maybe(random, TimeSpan.FromSeconds(random.Next(1, 8))),
                Priority = Maybe(random, random.Next(-1, 2)),
                NotBefore = Maybe(random, now.AddSeconds(random.Next(-5, 20))),
            };
        }

        JobHeader header = new(id, policy, ImmutableSortedDictionary<string, string>.Empty);
        return new Plan(new JobId(id), header, [.. tasks]);
    }

    private static RetryPolicy DrawRetry(Random random) => new()
    {
        AttemptsMax = random.Next(1, 4),
        First = TimeSpan.FromSeconds(random.Next(3)),
        Cap = TimeSpan.FromSeconds(5),
    };

    private static T? Maybe<T>(Random random, T value)
        where T : struct => random.Next(2) == 0 ? null : value;

    private static int DepthOf(ImmutableArray<TaskSpec> tasks)
    {
        int[] depth = new int[tasks.Length];
        bool isChanged = true;
        while (isChanged)
        {
            isChanged = false;
            for (int i = 0; i < tasks.Length; i++)
            {
                int now = 1 + tasks[i].DependsOn.Select(d => depth[d]).DefaultIfEmpty(0).Max();
                isChanged |= now != depth[i];
                depth[i] = now;
            }
        }

        return depth.DefaultIfEmpty(0).Max();
    }
}
