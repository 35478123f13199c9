using System.Collections.Immutable;
using System.Text;
using Elasticity.Cli.Run;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Xunit;

namespace Elasticity.Cli.Tests.Run;

/// <summary>A job in little memory is the same job.</summary>
public class PackedTasksTests
{
    private static readonly TaskSpec Plain = new() { Kind = "a" };

    private static readonly TaskSpec Full = new()
    {
        Kind = "resize",
        Name = "größer 😀",
        Payload = Payload.FromJson("{\"a\":[1,2]}"),
        Retry = new RetryPolicy { AttemptsMax = 7, First = TimeSpan.FromMilliseconds(1), Jitter = 0.5 },
        LeaseLength = TimeSpan.FromTicks(10_000_001),
        Priority = -1_000,
        NotBefore = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(1),
    };

    public static TheoryData<string, TaskSpec> Specs => new()
    {
        { "nothing but a kind", Plain },
        { "everything", Full },
        { "an empty name", Plain with { Name = "" } },
        { "the greatest priority", Plain with { Priority = int.MaxValue } },
        { "the least priority", Plain with { Priority = int.MinValue } },
        { "a payload larger than a block", Plain with { Payload = Payload.FromJson(new string('1', 300_000)) } },
    };

    [Theory]
    [MemberData(nameof(Specs))]
    public void A_task_comes_out_as_it_went_in(string what, TaskSpec spec)
    {
        PackedTasks packed = new();
        packed.Add(new TaskDraft(spec));

        Assert.True(spec == packed[0].Spec, what);
        Assert.Empty(packed[0].DependsOn);
    }

    [Fact]
    public void Dependencies_come_out_by_index_and_by_name()
    {
        TaskLink[] links = [new(0), new(300), new(-1), new(int.MaxValue), new(0, "fetch"), new(0, "7")];
        PackedTasks packed = new();
        packed.Add(new TaskDraft(Full, [.. links]));

        Assert.Equal(links, packed[0].DependsOn);
        Assert.Equal(Full, packed[0].Spec);
    }

    [Fact]
    public void Many_tasks_have_the_digest_of_the_same_tasks_as_objects()
    {
        ImmutableArray<TaskSpec> specs =
        [
            .. Enumerable.Range(0, 20_000).Select(i => (i % 3 == 0 ? Full : Plain) with
            {
                Kind = $"kind-{i % 5}",
                Payload = new Payload(Encoding.UTF8.GetBytes(new string('9', 1 + (i % 97)))),
                Retry = new RetryPolicy { AttemptsMax = 1 + (i % 4) },
            }),
        ];
        PackedTasks packed = new();
        foreach (TaskSpec spec in specs)
        {
            packed.Add(new TaskDraft(spec));
        }

        Assert.Equal(specs.Length, packed.Count);
        Assert.Equal(
            JobDigest.Of(JobPolicy.Default, specs),
            JobDigest.Of(JobPolicy.Default, [.. packed.Select(t => t.Spec)]));
    }
}
