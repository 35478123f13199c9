using System.Text;
using Elasticity.Api.Tests.Support;
using Elasticity.Engine.Embedded;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Api.Tests.Edge;

/// <summary>Alone in the process, so that what is allocated can be measured.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
#pragma warning disable CA1711 // xUnit calls it a collection.
public sealed class AllocationCollection
#pragma warning restore CA1711
{
    public const string Name = "allocations";
}

/// <summary>
/// Requests that are made to cost more memory than they are worth: whatever they say, the server allocates in
/// proportion to the bytes that it was sent, refuses them with a problem, and does not answer at length.
/// </summary>
[Collection(AllocationCollection.Name)]
public class AllocationTests
{
    /// <summary>What a request of no length may cost, in bytes: a connection, its buffers of 64 KiB and the answer,
    /// several times over, because the engine works beside it. A count that is believed would need gigabytes.</summary>
    private const long FixedMax = 512 * 1024;

    /// <summary>What a byte of a body may cost: an array for it, what is parsed from it, in lists that double, and
    /// a bad body is read again to say what is wrong. The dearest, seen: dependencies of two bytes, <c>0,</c>, at 55,
    /// and tasks of a chunk at 45; most bodies cost 2 to 10.</summary>
    private const int PerByteMax = 64;

    /// <summary>The longest problem with its headers, in bytes.</summary>
    private const int ProblemMax = 4 * 1024;

    private const int Large = 1024 * 1024;

    private const int BodyBytesMax = 2 * Large;

    private const string Lease = "/v1/agents/a/sessions/s/lease";
    private const string Heartbeat = "/v1/agents/a/sessions/s/heartbeat";
    private const string Settle = "/v1/agents/a/sessions/s/settle";
    private const string Session = "/v1/agents/b/sessions/s";
    private const string Digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private const string Chunked = "Transfer-Encoding: chunked";

    /// <summary>Who hangs up in the middle of a request is not answered.</summary>
    private const int Hung = 0;

    private const string OpenJob = $$"""{"digest":"{{Digest}}","taskCount":1000000}""";

    private const int FuzzRounds = 1_000;

    private static readonly ApiOptions Options = new() { BodyBytesMax = BodyBytesMax, SubmitBytesMax = BodyBytesMax };

    private static readonly string Xs = new('x', Large);
    private static readonly string Nines = new('9', Large);

    public static TheoryData<string, string, string, int> Bodies => new()
    {
        // Counts that are believed.
        { "tasks declared", "/v1/jobs/a/open", $$"""{"digest":"{{Digest}}","taskCount":2000000000}""", 422 },
        { "tasks allowed", "/v1/jobs/b/open", OpenJob, 200 },
        { "a chunk far off", "/v1/jobs/a/tasks?first=2000000000", """{"tasks":[{"kind":"x"}]}""", 404 },
        { "leases", Lease, """{"requestId":"r","max":2000000000}""", 400 },
        { "slots", Session, """{"kinds":["x"],"slots":2000000000}""", 200 },
        { "a task far off", Heartbeat,
            """{"leases":[{"job":"a","index":2000000000,"token":9000000000000000000}]}""", 200 },
        { "a result far off", Settle,
            """{"results":[{"job":"a","index":2000000000,"token":9000000000000,"outcome":"given-back"}]}""", 200 },
        { "a dependency far off", "/v1/jobs", """{"tasks":[{"kind":"x","dependsOn":[2000000000]}]}""", 422 },
        { "attempts", "/v1/jobs", """{"tasks":[],"policy":{"retry":{"attemptsMax":2000000000}}}""", 400 },

        // Nesting.
        { "lists in lists", "/v1/jobs", new string('[', Large), 400 },
        { "lists in a payload", "/v1/jobs", $$"""{"tasks":[{"kind":"x","payload":{{new string('[', Large)}}""", 400 },
        { "objects in objects", Settle, Repeat("{\"results\":", Large), 400 },

        // Numbers and texts without an end.
        { "a long index", Heartbeat, $$"""{"leases":[{"job":"a","index":{{Nines}},"token":1}]}""", 400 },
        { "a long fraction", "/v1/jobs", $$"""{"tasks":[],"policy":{"leaseSeconds":1.{{Nines}} } }""", 201 },
        { "a long exponent", "/v1/jobs", $$"""{"tasks":[],"policy":{"leaseSeconds":1e{{Nines}} } }""", 400 },
        { "a long id", "/v1/jobs", $$"""{"id":"{{Xs}}","tasks":[]}""", 400 },
        { "a long name", "/v1/jobs", $$"""{"name":"{{Xs}}","tasks":[]}""", 422 },
        { "a long name, escaped", "/v1/jobs", $$"""{"name":"{{Repeat("\\u00e9", Large)}}","tasks":[]}""", 422 },
        { "a long kind", "/v1/jobs", $$"""{"tasks":[{"kind":"{{Xs}}"}]}""", 400 },
        { "a long kind in a chunk", "/v1/jobs/open/tasks?first=0", $$"""{"tasks":[{"kind":"{{Xs}}"}]}""", 400 },
        { "two long names", "/v1/jobs", Repeat($$"""{"kind":"x","name":"{{Xs[..400_000]}}"},""", 2, "tasks"), 400 },
        { "a long dependency", "/v1/jobs", $$"""{"tasks":[{"kind":"x","dependsOn":["{{Xs}}"]}]}""", 422 },
        { "a long word", "/v1/jobs", $$"""{"tasks":[],"policy":{"onDeadLetter":"{{Xs}}"} }""", 400 },
        { "a long time", "/v1/jobs", $$"""{"tasks":[{"kind":"x","notBefore":"{{Xs}}"}]}""", 400 },
        { "a long digest", "/v1/jobs/a/open", $$"""{"digest":"{{Xs}}","taskCount":1}""", 400 },
        { "a long outcome", Settle,
            $$"""{"results":[{"job":"a","index":0,"token":1,"outcome":"{{Xs}}"}]}""", 400 },
        { "a long progress", Heartbeat, $$"""{"leases":[{"job":"a","index":0,"token":1,"progress":"{{Xs}}"}]}""", 200 },
        { "a long kind offered", Session, $$"""{"kinds":["{{Xs}}"]}""", 400 },
        { "a long kind wanted", Lease, $$"""{"requestId":"r","max":1,"kinds":["{{Xs}}"]}""", 400 },
        { "a long request", Lease, $$"""{"requestId":"{{Xs}}","max":1}""", 400 },
        { "a long label", Session, $$"""{"kinds":["x"],"labels":{"{{Xs}}":""} }""", 422 },
        { "a label of null", Session, $$"""{"kinds":["x"],"labels":{"{{Xs}}":null} }""", 400 },
        { "a long unknown member", "/v1/jobs", $$"""{"{{Xs}}":1}""", 400 },
        { "a long member, twice", "/v1/jobs", $$"""{"tasks":[],"{{Xs[..400_000]}}":1,"{{Xs[..400_000]}}":1}""", 400 },
        { "a long label, twice", Session,
            $$"""{"kinds":[],"labels":{"{{Xs[..400_000]}}":"","{{Xs[..400_000]}}":""} }""", 400 },
        { "a label that is none", Session, $$"""{"kinds":["x"],"labels":{"{{Xs}}":1} }""", 400 },
        { "no JSON", "/v1/jobs", Xs, 400 },
        { "an open text", "/v1/jobs", '"' + Xs, 400 },
        { "room", "/v1/jobs", new string('\n', Large) + "{", 400 },

        // Many.
        { "members, again and again", "/v1/jobs", '{' + Repeat("\"tasks\":[],", Large) + "\"name\":\"n\"}", 400 },
        { "unknown members", "/v1/jobs", '{' + Many(Large, i => $"\"{i}\":1,") + "\"tasks\":[]}", 400 },
        { "labels", Session, $$"""{"kinds":["x"],"labels":{ {{Many(Large, i => $"\"{i}\":\"\",")}} "k":"v"} }""", 422 },
        { "tasks that are none", "/v1/jobs", $$"""{"tasks":[ {{Repeat("null,", Large)}} null]}""", 400 },
        { "tasks that are empty", "/v1/jobs", $$"""{"tasks":[ {{Repeat("{},", Large)}} {}]}""", 400 },
        { "tasks of a chunk", "/v1/jobs/open/tasks?first=0",
            $$"""{"tasks":[ {{Repeat("{\"kind\":\"x\"},", Large)}} {"kind":"x"}]}""", 422 },
        { "dependencies", "/v1/jobs", $$"""{"tasks":[{"kind":"x","dependsOn":[ {{Repeat("0,", Large)}} 0]}]}""", 422 },
        { "kinds offered", Session, $$"""{"kinds":[ {{Repeat("\"\",", Large)}} ""]}""", 400 },
        { "kinds wanted", Lease, $$"""{"requestId":"r","max":1,"kinds":[ {{Repeat("\"x\",", Large)}} "x"]}""", 400 },
        { "leases held", Heartbeat,
            $$"""{"leases":[ {{Repeat("{\"job\":\"a\",\"index\":0,\"token\":1},", Large)}} null]}""", 400 },
        { "results", Settle, $$"""{"results":[ {{Repeat("null,", Large)}} null]}""", 400 },
    };

    public static TheoryData<string, string, string, bool, int> Framings => new()
    {
        { "2 GiB announced", "Content-Length: 2147483647", "{", false, 413 },
        { "8 EiB announced", "Content-Length: 9223372036854775807", "{", false, 413 },
        { "more than a number announced", "Content-Length: 99999999999999999999", "{", false, 400 },
        { "less than nothing announced", "Content-Length: -1", "{", false, 400 },
        { "the most allowed announced", $"Content-Length: {BodyBytesMax}", "{", true, Hung },
        { "a chunk of 2 GiB", Chunked, "7fffffff\r\n{", true, Hung },
        { "a chunk of 16 EiB", Chunked, "ffffffffffffffff\r\n{", false, 400 },
        { "a chunk that is too long", Chunked,
            $"{2 * BodyBytesMax:x}\r\n{new string(' ', 2 * BodyBytesMax)}", false, 413 },
        { "chunks that are too many", Chunked,
            Repeat($"400\r\n{new string(' ', 1024)}\r\n", 2 * BodyBytesMax), false, 413 },
        { "chunks of a byte", Chunked, Repeat("1\r\n[\r\n", Large) + "0\r\n\r\n", false, 400 },
        { "chunks with long extensions", Chunked, $"1;{Xs}\r\n[\r\n0\r\n\r\n", false, 400 },
        { "a long trailer", Chunked, $"1\r\n[\r\n0\r\nX: {Xs}\r\n\r\n", false, 400 },
        { "a long header", $"X: {Xs}", "", false, 431 },
        { "many headers", Repeat("X: y\r\n", Large) + "Z: z", "", false, 431 },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_costs_what_it_is_worth(string what, string path, string body, int status)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        HttpMethod method = path == Session ? HttpMethod.Put : HttpMethod.Post;
        await using Scene scene = await Scene.StartAsync();

        RawAnswer answer = await scene.MeasureAsync(what, bytes.Length, host => host.SendAsync(method, path, bytes));

        Assert.True(answer.Status == status, $"{what}: {answer.Text}");
        Assert.True(status < 400 || answer.IsProblem, $"{what}: {answer.Text}");
        await scene.AssertReadyAsync();
    }

    [Theory]
    [MemberData(nameof(Framings))]
    public async Task A_length_is_not_believed(string what, string headers, string body, bool isBrokenOff, int status)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(body);
        await using Scene scene = await Scene.StartAsync();

        RawAnswer answer = await scene.MeasureAsync(
            what,
            headers.Length + bytes.Length,
            host => isBrokenOff
                ? host.BreakOffAsync(HttpMethod.Post, "/v1/jobs", headers, bytes)
                : host.SendAsync(HttpMethod.Post, "/v1/jobs", headers, bytes));

        Assert.True(answer.Status == status, $"{what}: {answer.Text}");
        await scene.AssertReadyAsync();
    }

    [Fact]
    public async Task No_damaged_body_costs_more_than_a_whole_one()
    {
        Random random = new(4);
        await using Scene scene = await Scene.StartAsync();
        for (int i = 0; i < FuzzRounds; i++)
        {
            (HttpMethod method, string path, byte[] body) = FuzzTests.Draw(random);

            await scene.MeasureAsync(
                Encoding.Latin1.GetString(body), body.Length, host => host.SendAsync(method, path, body));
        }

        await scene.AssertReadyAsync();
    }

    private static string Repeat(string piece, int length) => Many(length, _ => piece);

    private static string Repeat(string task, int times, string list) =>
        $$"""{"{{list}}":[{{string.Concat(Enumerable.Repeat(task, times)).TrimEnd(',')}}]}""";

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

    /// <summary>A server with an agent, and a job that is open.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        private readonly InMemoryEventStore _store = new();
        private EmbeddedEngine? _engine;
        private TcpHost? _host;

        public static async Task<Scene> StartAsync()
        {
            Scene scene = new();
            scene._engine = await EmbeddedEngine.StartAsync(scene._store);
            scene._host = await TcpHost.StartAsync(scene._engine, Options);
            await scene._host.SendAsync(
                HttpMethod.Put, "/v1/agents/a/sessions/s", """{"kinds":["x"]}"""u8.ToArray());
            await scene._host.SendAsync(HttpMethod.Post, "/v1/jobs/open/open", Encoding.UTF8.GetBytes(OpenJob));
            return scene;
        }

        /// <summary>Sends, and holds what was allocated meanwhile against the length.</summary>
        public async Task<RawAnswer> MeasureAsync(string what, long length, Func<TcpHost, Task<RawAnswer>> sendAsync)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);

            RawAnswer answer = await sendAsync(_host!);

            long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            long allowed = FixedMax + (PerByteMax * length);
            Assert.True(allocated <= allowed, $"{what}: {allocated} bytes for {length}, more than {allowed}");
            Assert.True(answer.Status < 400 || answer.Length <= ProblemMax, $"{what}: {answer.Length} {answer.Text}");
            Assert.True(answer.Status < 500, $"{what}: {answer.Text}");
            return answer;
        }

        public async Task AssertReadyAsync() =>
            Assert.Equal(200, (await _host!.SendAsync(HttpMethod.Get, "/readyz", [])).Status);

        public async ValueTask DisposeAsync()
        {
            await _host!.DisposeAsync();
            await _engine!.DisposeAsync();
            await _store.DisposeAsync();
        }
    }
}
