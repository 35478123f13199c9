using System.Collections.Immutable;
using Elasticity.Domain.Jobs;
using Xunit;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>A job is sent in chunks that are as large as they may be.</summary>
public class TaskChunksTests
{
    private static readonly Limits Limits = Limits.Default with { TasksPerChunkMax = 3, ChunkBytesMax = 10 };

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1 1 1", "1 1 1")]
    [InlineData("1 1 1 1", "1 1 1|1")]
    [InlineData("5 5", "5 5")]
    [InlineData("5 6", "5|6")]
    [InlineData("4 4 4 4", "4 4|4 4")]
    [InlineData("5 5 5 1 1 1", "5 5|5 1 1|1")]
    [InlineData("99", "99")]
    [InlineData("1 99 1", "1|99|1")]
    public void A_chunk_has_limits_of_tasks_and_bytes_that_a_single_large_payload_may_exceed(
        string payloads, string chunks) => Assert.Equal(chunks, Cut(payloads));

    [Fact]
    public void No_tasks_are_no_chunk() => Assert.Empty(TaskChunks.Cut([], Limits));

    [Theory]
    [InlineData(0, "1 1 1|1")]
    [InlineData(2, "1 1")]
    [InlineData(4, "")]
    public void A_submit_goes_on_where_it_broke_off(int first, string chunks) =>
        Assert.Equal(chunks, Cut("1 1 1 1", first));

    private static string Cut(string payloads, int first = 0)
    {
        TaskSpec[] tasks =
        [
            .. payloads.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(p => new TaskSpec { Kind = "x", Payload = new Payload(new byte[int.Parse(p)]) }),
        ];
        IEnumerable<ImmutableArray<TaskSpec>> chunks = TaskChunks.Cut(tasks, Limits, first);
        return string.Join('|', chunks.Select(c => string.Join(' ', c.Select(t => t.Payload.Length))));
    }
}
