using System.Text;
using System.Text.Json;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Run;
using Elasticity.Cli.Tests.Reference;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore.Tests;
using Xunit;

namespace Elasticity.Cli.Tests.Run;

/// <summary>Job files that nobody would write: a job comes out, or a sentence that says what is wrong. Some are
/// the same every time, some from a seed that is new in each build.</summary>
public class JobFileFuzzTests
{
    private const int Rounds = 3_000;

    /// <summary>What a file of no length may cost, in bytes: the reader's buffer and the first block of tasks, of
    /// 64 KiB each, with what is around them.</summary>
    private const long FixedMax = 384 * 1024;

    /// <summary>What a byte of a file may cost: a buffer that doubles, a task as objects and as bytes. The dearest,
    /// seen: tasks of 15 bytes, with nothing but a kind, at 59; most files cost 4 to 10.</summary>
    private const int PerByteMax = 80;

    /// <summary>The longest refusal, in characters.</summary>
    private const int SentenceMax = 1_000;

    private const int Large = 1024 * 1024;

    private static readonly string Xs = new('x', Large);

    private static readonly string[] Splinters =
    [
        "{", "}", "[", "]", "\"", ",", ":", "\\", "\\ud800", "\\u0000", "null", "1e999", "-0", "99999999999999999999",
        "true", "\"kind\":", "\"tasks\":[", "\"dependsOn\":[0]", "é", "\u2028", "\0",
    ];

    public static TheoryData<string, string> Hostile => new()
    {
        { "lists in lists", new string('[', Large) },
        { "lists in a payload", $$"""{"tasks":[{"kind":"x","payload":{{new string('[', Large)}}""" },
        { "objects in objects", Repeat("{\"tasks\":", Large) },
        { "a dependency far off", """{"tasks":[{"kind":"x","dependsOn":[2000000000]}]}""" },
        { "attempts", """{"tasks":[],"policy":{"retry":{"attemptsMax":2000000000}}}""" },
        { "a long number", $$"""{"tasks":[{"kind":"x","priority":{{new string('9', Large)}} }]}""" },
        { "a long fraction", $$"""{"tasks":[{"kind":"x","leaseSeconds":1.{{new string('9', Large)}} }]}""" },
        { "a long exponent", $$"""{"tasks":[{"kind":"x","leaseSeconds":1e{{new string('9', Large)}} }]}""" },
        { "a long id", $$"""{"id":"{{Xs}}","tasks":[]}""" },
        { "a long name", $$"""{"name":"{{Xs}}","tasks":[]}""" },
        { "a long name, escaped", $$"""{"name":"{{Repeat("\\u00e9", Large)}}","tasks":[]}""" },
        { "a long kind", $$"""{"tasks":[{"kind":"{{Xs}}"}]}""" },
        { "a long dependency", $$"""{"tasks":[{"kind":"x","dependsOn":["{{Xs}}"]}]}""" },
        { "a long payload", $$"""{"tasks":[{"kind":"x","payload":"{{Xs}}"}]}""" },
        { "a long unknown member", $$"""{"{{Xs}}":1}""" },
        { "a long unknown member of a task", $$"""{"tasks":[{"{{Xs}}":1}]}""" },
        { "a long member, twice", $$"""{"tasks":[],"{{Xs}}":1,"{{Xs}}":1}""" },
        { "no JSON", Xs },
        { "an open text", '"' + Xs },
        { "a line of room", new string(' ', 4 * Large) + "{" },
        { "lines of nothing", new string('\n', 4 * Large) + "{" },
        { "lines of nothing between tasks", $$"""{"tasks":[ {{Repeat("{\"kind\":\"x\"}\n,\n", Large)}} null]}""" },
        { "members, again and again", '{' + Repeat("\"tasks\":[],", Large) + "\"name\":\"n\"}" },
        { "unknown members", '{' + Many(Large, i => $"\"{i}\":1,") + "\"tasks\":[]}" },
        { "labels", $$"""{"tasks":[],"labels":{ {{Many(Large, i => $"\"{i}\":\"\",")}} "k":"v"} }""" },
        { "tasks that are none", $$"""{"tasks":[ {{Repeat("null,", Large)}} null]}""" },
        { "tasks that are empty", $$"""{"tasks":[ {{Repeat("{},", Large)}} {}]}""" },
        { "tasks", $$"""{"tasks":[ {{Repeat("{\"kind\":\"x\"},", Large)}} {"kind":"x"}]}""" },
        { "tasks of as many kinds", $$"""{"tasks":[ {{Many(Large, i => $"{{\"kind\":\"{i}\"}},")}} {"kind":"x"}]}""" },
        { "dependencies", $$"""{"tasks":[{"kind":"x","dependsOn":[ {{Repeat("0,", Large)}} 0]}]}""" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_file_costs_what_it_is_worth(string what, string file) =>
        await ReadAsync(what, Encoding.UTF8.GetBytes(file));

    [Theory]
    [InlineData(' ')]
    [InlineData('\n')]
    [InlineData('[')]
    [InlineData('x')]
    [InlineData('"')]
    [InlineData('9')]
    public async Task A_file_without_an_end_is_refused_at_the_limit(char filling)
    {
        using Endless input = new((byte)filling);

        (long allocated, Task reading) = Measured(input, i => new JobFileReader(i, Large).ReadAsync(default));

        Exception? refused = await Record.ExceptionAsync(() => reading);
        Assert.Equal("RefusedException", refused?.GetType().Name);
        Assert.InRange(allocated, 1, FixedMax + (PerByteMax * (long)Large));
        Assert.InRange(input.Given, 1, 4 * Large); // The buffer doubles, and is filled.
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(null)]
    public Task No_file_is_met_with_a_defect(int? seed) =>
        FreshSeed.TryAsync(seed ?? FreshSeed.Value, ReadManyAsync);

    private static async Task ReadManyAsync(Random random)
    {
        byte[][] files = [.. JobFiles.Right.AsEnumerable<object[]>().Select(f => Encoding.UTF8.GetBytes((string)f[0]))];
        for (int i = 0; i < Rounds; i++)
        {
            byte[] right = files[random.Next(files.Length)];
            byte[] file = random.Next(3) == 0
                ? Encoding.UTF8.GetBytes(DamagedJson.Change(Encoding.UTF8.GetString(right), random))
                : Spoil(right, random);
            await ReadAsync(Encoding.Latin1.GetString(file), file);
        }
    }

    /// <summary>Reads a file, and holds what was allocated against its length.</summary>
    private static async Task ReadAsync(string what, byte[] file)
    {
        using MemoryStream input = new(file);

        Task<JobFile>? job = null;
        (long allocated, Task reading) = Measured(input, i => job = JobFile.ReadAsync("-", i, default));

        long allowed = FixedMax + (PerByteMax * (long)file.Length);
        Assert.True(allocated <= allowed, $"{allocated} bytes for {file.Length}, more than {allowed}: {what}");
        try
        {
            await reading;
            AssertIsRead(await job!, file);
        }
        catch (CliException e) when (e.Message.Length is > 0 and <= SentenceMax)
        {
            // A sentence.
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(what, e);
        }
    }

    /// <summary>What was read is what the file says, to the last task.</summary>
    private static void AssertIsRead(JobFile job, byte[] file)
    {
        using JsonDocument document = JsonDocument.Parse(file);
        JsonElement[] tasks = [.. document.RootElement.GetProperty("tasks").EnumerateArray()];
        Assert.Equal(tasks.Length, job.Draft.Tasks.Count);
        for (int i = 0; i < tasks.Length; i++)
        {
            TaskSpec read = job.Draft.Tasks[i].Spec;
            Assert.Equal(tasks[i].GetProperty("kind").GetString(), read.Kind);
            string payload = tasks[i].TryGetProperty("payload", out JsonElement given) ? given.GetRawText() : "";
            Assert.Equal(payload, read.Payload.ToString());
        }
    }

    private static (long Allocated, Task Reading) Measured(Stream input, Func<Stream, Task> read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Task reading = read(input);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(reading.IsCompleted); // From memory there is nothing to wait for: all of it was on this thread.
        return (allocated, reading);
    }

    private static byte[] Spoil(byte[] file, Random random)
    {
        List<byte> spoiled = [.. file];
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            int place = random.Next(spoiled.Count + 1);
            switch (random.Next(4))
            {
                case 0:
                    spoiled.RemoveRange(place, Math.Min(random.Next(1, 10), spoiled.Count - place));
                    break;
                case 1:
                    spoiled.InsertRange(place, Encoding.UTF8.GetBytes(Splinters[random.Next(Splinters.Length)]));
                    break;
                case 2:
                    spoiled.Insert(place, (byte)random.Next(256));
                    break;
                default:
                    spoiled.InsertRange(place, spoiled[..random.Next(spoiled.Count + 1)]);
                    break;
            }
        }

        return [.. spoiled];
    }

    private static string Repeat(string piece, int length) => Many(length, _ => piece);

    /// <summary>So many pieces that they are of a length, or a little longer.</summary>
    private static string Many(int length, Func<int, string> piece)
    {
        StringBuilder pieces = new(length + 100);
        for (int i = 0; pieces.Length < length; i++)
        {
            pieces.Append(piece(i));
        }

        return pieces.ToString();
    }

    /// <summary>One byte again and again.</summary>
    private sealed class Endless(byte filling) : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            buffer.Fill(filling);
            Given += buffer.Length;
            return buffer.Length;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
