using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Elasticity.Contracts;
using Xunit;

namespace Elasticity.Api.Tests.Contracts;

/// <summary>How messages are read and written.</summary>
public class ContractsJsonTests
{
    [Theory]
    [InlineData("{ \"a\" : [1,  2.50, \"\\u00e9\"] }")]
    [InlineData("[ ]")]
    [InlineData("\"text with \\\" in it\"")]
    [InlineData("\"\"")]
    [InlineData("1.50e2")]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("null")]
    public void A_payload_is_kept_byte_for_byte(string payload)
    {
        byte[] message = Encoding.UTF8.GetBytes(
            $$"""{"tasks":[{"payload": {{payload}} ,"kind":"resize"}],"id":"a"}""");

        SubmitJob sliced = ContractsJson.Read(message, ContractsJson.Default.SubmitJob)!;
        SubmitJob copied = JsonSerializer.Deserialize(message, ContractsJson.Default.SubmitJob)!;
        byte[] written = JsonSerializer.SerializeToUtf8Bytes(sliced, ContractsJson.Default.SubmitJob);

        Assert.Equal(payload, sliced.Tasks[0].Payload.ToString());
        Assert.Equal(payload, copied.Tasks[0].Payload.ToString());
        Assert.Contains($"\"payload\":{payload}", Encoding.UTF8.GetString(written));
    }

    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData("\"text\"")]
    [InlineData("12")]
    public void A_payload_is_a_slice_of_the_message(string payload)
    {
        byte[] message = Encoding.UTF8.GetBytes($$"""{"tasks":[{"payload":{{payload}},"kind":"resize"}]}""");

        RawJson read = ContractsJson.Read(message, ContractsJson.Default.SubmitJob)!.Tasks[0].Payload;

        Assert.True(MemoryMarshal.TryGetArray(read.Utf8, out ArraySegment<byte> slice));
        Assert.Same(message, slice.Array);
    }

    [Fact]
    public void No_payload_is_not_the_payload_null()
    {
        SubmitJob job = Read("""{"tasks":[{"kind":"a"},{"kind":"a","payload":null}]}""");

        Assert.True(job.Tasks[0].Payload.IsNone);
        Assert.Equal("null", job.Tasks[1].Payload.ToString());
        Assert.Equal(
            """{"tasks":[{"kind":"a"},{"kind":"a","payload":null}]}""",
            JsonSerializer.Serialize(job, ContractsJson.Default.SubmitJob));
    }

    [Theory]
    [InlineData("""{"tasks":[],"colour":"red"}""")]
    [InlineData("""{"tasks":[],"tasks":[]}""")]
    [InlineData("""{"tasks":[],"id":"a","id":"b"}""")]
    [InlineData("""{"tasks":null}""")]
    [InlineData("""{}""")]
    [InlineData("""{"Tasks":[]}""")]
    [InlineData("""{"tasks":[{"kind":null}]}""")]
    [InlineData("""{"tasks":[{}]}""")]
    [InlineData("""{"tasks":[{"kind":"a","priority":"1"}]}""")]
    [InlineData("""{"tasks":[{"kind":"a","priority":1.5}]}""")]
    [InlineData("""{"tasks":[{"kind":"a","dependsOn":[1.5]}]}""")]
    [InlineData("""{"tasks":[{"kind":"a","notBefore":"2026-01-31"}]}""")]
    [InlineData("""{"tasks":[{"kind":"a","notBefore":"2026-01-31T23:59:59"}]}""")]
    [InlineData("""{"tasks":[],}""")]
    [InlineData("""{"tasks":[]} {}""")]
    [InlineData("""{"tasks":[{"kind":"a","payload":{"b":}}]}""")]
    public void What_does_not_fit_is_refused(string message) => Assert.Throws<JsonException>(() => Read(message));

    [Fact]
    public void A_client_skips_what_it_does_not_know() =>
        Assert.Equal(3, JsonSerializer.Deserialize(
            """{"tasksAdded":3,"isSealed":true,"news":{}}""",
            ContractsJson.Tolerant.SubmitProgressDocument)!.TasksAdded);

    [Fact]
    public void Times_are_read_with_any_offset_and_written_in_utc()
    {
        SubmitJob job = Read("""{"tasks":[{"kind":"a","notBefore":"2026-01-31T23:59:59.5+01:00"}]}""");

        Assert.Equal(
            """{"tasks":[{"kind":"a","notBefore":"2026-01-31T22:59:59.5Z"}]}""",
            JsonSerializer.Serialize(job, ContractsJson.Default.SubmitJob));
    }

    [Fact]
    public void Dependencies_are_indexes_or_names()
    {
        SubmitJob job = Read("""{"tasks":[{"kind":"a","dependsOn":[1,"two","3"]}]}""");

        Assert.Equal([1, "two", "3"], job.Tasks[0].DependsOn!);
        Assert.Equal(
            """{"tasks":[{"kind":"a","dependsOn":[1,"two","3"]}]}""",
            JsonSerializer.Serialize(job, ContractsJson.Default.SubmitJob));
    }

    [Fact]
    public void Json_is_checked_where_text_becomes_a_payload()
    {
        Assert.Equal("[1, 2]", RawJson.Parse("[1, 2]").ToString());
        Assert.ThrowsAny<JsonException>(() => RawJson.Parse("[1"));
        Assert.ThrowsAny<JsonException>(() => RawJson.Parse("1 2"));
        Assert.ThrowsAny<JsonException>(() => RawJson.Parse(string.Empty));
    }

    [Fact]
    public void Paths_are_filled_in()
    {
        Assert.Equal("/v1/jobs/a/watch", Routes.Of(Routes.JobWatch, "a"));
        Assert.Equal("/v1/jobs/a/tasks/7/result", Routes.Of(Routes.TaskResult, "a", 7));
        Assert.Equal("/v1/agents/a/sessions/b/lease", Routes.Of(Routes.SessionLease, "a", "b"));
    }

    [Fact]
    public void Leasing_and_settling_allocate_little_more_than_their_objects()
    {
        string results = string.Join(',', Enumerable.Range(0, 500).Select(i =>
            $$$"""{"job":"job-1","index":{{{i}}},"token":1,"outcome":"succeeded","result":{"value":{{{i}}}}}"""));
        byte[] message = Encoding.UTF8.GetBytes($$"""{"results":[{{results}}]}""");
        ContractsJson.Read(message, ContractsJson.Default.SettleTasks);

        long before = GC.GetAllocatedBytesForCurrentThread();
        SettleTasks read = ContractsJson.Read(message, ContractsJson.Default.SettleTasks)!;
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / read.Results.Count;

        Assert.InRange(each, 1, 400);
    }

    private static SubmitJob Read(string message) =>
        ContractsJson.Read(Encoding.UTF8.GetBytes(message), ContractsJson.Default.SubmitJob)!;
}
