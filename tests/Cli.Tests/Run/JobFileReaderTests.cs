using System.Text;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Run;
using Elasticity.Cli.Tests.Reference;
using Xunit;

namespace Elasticity.Cli.Tests.Run;

/// <summary>A job file is read task by task, wherever its pieces end, and what is wrong is told with its place in the
/// file.</summary>
public class JobFileReaderTests
{
    [Theory]
    [MemberData(nameof(JobFiles.Right), MemberType = typeof(JobFiles))]
    public async Task Pieces_of_any_length_give_the_same_job(string json)
    {
        JobFile whole = await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)));
        JobFile pieces = await ReadAsync(new OneByteAtATime(Encoding.UTF8.GetBytes(json)));

        Assert.Equal(whole.Id, pieces.Id);
        Assert.Equal(whole.Draft.Header.Policy, pieces.Draft.Header.Policy);
        Assert.Equal(whole.Draft.Tasks.Select(t => t.Spec), pieces.Draft.Tasks.Select(t => t.Spec));
        Assert.Equal(whole.Draft.Tasks.SelectMany(t => t.DependsOn), pieces.Draft.Tasks.SelectMany(t => t.DependsOn));
    }

    [Fact]
    public async Task Tasks_larger_than_what_is_read_at_once_are_read()
    {
        string[] payloads = [.. Enumerable.Range(1, 9).Select(i => $"\"{new string('x', i * 50_000)}\"")];
        IEnumerable<string> tasks = payloads.Select(p => $"{{\"kind\":\"a\",\"payload\":{p}}}");
        string json = $"{{\"tasks\":[{string.Join(",\n", tasks)}]}}";

        JobFile file = await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)));

        Assert.Equal(payloads, file.Draft.Tasks.Select(t => t.Spec.Payload.ToString()));
    }

    [Fact]
    public async Task Only_the_tasks_of_the_job_are_its_tasks()
    {
        JobFile file = await ReadAsync(
            """
            {"labels":{"tasks":"no"},"t\u0061sks":[{"kind":"a","payload":{"tasks":[{"kind":"b"}]}}],"name":"after"}
            """);

        Assert.Equal("{\"tasks\":[{\"kind\":\"b\"}]}", Assert.Single(file.Draft.Tasks).Spec.Payload.ToString());
        Assert.Equal("after", file.Draft.Header.Name);
        Assert.Equal("no", file.Draft.Header.Labels["tasks"]);
    }

    [Theory]
    [InlineData("{\n\"tasks\":[\n{\"kind\":\"a\"},\n{\"kind\":}\n]}", "bad-json", ", line 4.")]
    [InlineData("{\n\"tasks\":[\n{\"kind\":\"a\"}", "bad-json", ", line 3.")]
    [InlineData("{\"tasks\":[{\"kind\":\"a\"},]}", "bad-json", ", line 1.")]
    [InlineData("{\"tasks\":[]}\n{}", "bad-json", ", line 2.")]
    [InlineData("{\n\"tasks\":[\n{\"kind\":\"a\"},\n{\"kind\":\"a\",\n\"x\":1}]}", "unknown-field",
        " at $.tasks[1].x, line 5.")]
    [InlineData("{\"tasks\":[\n{\"kind\":\"a\",\"kind\":\"b\"}]}", "bad-json", " at $.tasks[0].kind, line 2.")]
    [InlineData("{\"tasks\":[\n{\"kind\":7}]}", "invalid", " at $.tasks[0].kind, line 2.")]
    [InlineData("{\"tasks\":[\n{}]}", "invalid", "'kind' at $.tasks[0], line 2.")]
    [InlineData("{\"tasks\":[{\"kind\":\"a\"},null]}", "invalid", "tasks[1] is null.")]
    [InlineData("{\n\"tasks\":[\n{\"kind\":\"a\"\n}],\n\"x\":1}", "unknown-field", " at $.x, line 5.")]
    [InlineData("{\"tasks\":{}}", "invalid", " at $.tasks, line 1.")]
    [InlineData("{\"tasks\":[],\"tasks\":[]}", "bad-json", " at $.tasks, line 1.")]
    [InlineData("[{\"tasks\":[]}]", "invalid", ".")]
    [InlineData("{\"t\\ud800sks\":[]}", "invalid", ".")]
    public async Task What_is_wrong_is_told_with_its_place(string json, string code, string end)
    {
        CliException refused = await Assert.ThrowsAsync<CliException>(() => ReadAsync(json));

        Assert.Equal(code, refused.Code);
        Assert.EndsWith(end, refused.Message);
    }

    [Theory]
    [InlineData("{\"name\":\"?\",\"tasks\":[]}")]
    [InlineData("{\"tasks\":[{\"kind\":\"a\",\"payload\":\"?\"}]}")]
    public async Task What_is_not_UTF8_is_refused(string json)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(json).Select(b => b == (byte)'?' ? (byte)0xff : b)];

        CliException refused = await Assert.ThrowsAsync<CliException>(() => ReadAsync(new MemoryStream(bytes)));

        Assert.Equal(("bad-json", "-: The file is not UTF-8."), (refused.Code, refused.Message));
    }

    private static Task<JobFile> ReadAsync(string json) => ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)));

    private static Task<JobFile> ReadAsync(Stream file) => JobFile.ReadAsync("-", file, CancellationToken.None);

    private sealed class OneByteAtATime(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..1], cancellationToken);
    }
}
