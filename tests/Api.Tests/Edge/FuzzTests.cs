using System.Net;
using System.Text;
using Elasticity.Api.Tests.Support;
using Elasticity.Contracts;
using Elasticity.Engine.Embedded;
using Elasticity.EventStore;
using Elasticity.EventStore.Tests;
using Xunit;

namespace Elasticity.Api.Tests.Edge;

/// <summary>Bodies that nobody would think of: some the same every time, some from a seed that is new in each
/// build.</summary>
public class FuzzTests
{
    private const int Rounds = 1_500;

    private static readonly string[] Seeds =
    [
        """{"id":"a","name":"n","labels":{"k":"v"},"policy":{"retry":{"factor":2.5}},"tasks":[{"kind":"x"}]}""",
        """{"tasks":[{"kind":"x","payload":{"a":[1,"é",null]},"dependsOn":[0,"n"]}]}""",
        """{"tasks":[{"kind":"x","notBefore":"2026-01-31T00:00:00Z","leaseSeconds":1.5,"priority":-1}]}""",
        """{"kinds":["a","b"],"slots":2,"labels":{}}""",
        """{"requestId":"r","max":10,"waitSeconds":0,"kinds":[]}""",
        """{"leases":[{"job":"a","index":0,"token":1,"progress":"p"}]}""",
        """{"results":[{"job":"a","index":0,"token":1,"outcome":"failed","failure":{"code":"c","message":"m"}}]}""",
    ];

    private static readonly (HttpMethod Method, string Path)[] Targets =
    [
        (HttpMethod.Post, "/v1/jobs"),
        (HttpMethod.Post, "/v1/jobs/a/open"),
        (HttpMethod.Post, "/v1/jobs/a/tasks?first=0"),
        (HttpMethod.Put, "/v1/agents/a/sessions/s"),
        (HttpMethod.Post, "/v1/agents/a/sessions/s/lease"),
        (HttpMethod.Post, "/v1/agents/a/sessions/s/heartbeat"),
        (HttpMethod.Post, "/v1/agents/a/sessions/s/settle"),
    ];

    private static readonly string[] Splinters =
    [
        "{", "}", "[", "]", "\"", ",", ":", "\\", "\\ud800", "\\u0000", "null", "1e999", "-0", "99999999999999999999",
        "true", "\"kind\":", "\"tasks\":[", "é", "\u2028", "\0",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public Task No_body_is_answered_with_a_defect(int? seed) =>
        FreshSeed.TryAsync(seed ?? FreshSeed.Value, async random =>
        {
            await using InMemoryEventStore store = new();
            await using EmbeddedEngine engine = await EmbeddedEngine.StartAsync(store);
            await using ApiHost host = await ApiHost.StartAsync(engine);
            await host.SendAsync(HttpMethod.Put, "/v1/agents/a/sessions/s", """{"kinds":["x"]}""").JsonAsync();

            await SendManyAsync(host, random);

            await host.GetAsync("/readyz").JsonAsync();
        });

    [Theory]
    [InlineData(3)]
    [InlineData(null)]
    public Task No_address_is_answered_with_a_defect(int? seed) =>
        FreshSeed.TryAsync(seed ?? FreshSeed.Value, SendToManyAsync);

    private static async Task SendToManyAsync(Random random)
    {
        string[] parts =
        [
            "v1", "jobs", "a", "tasks", "0", "-1", "99999999999", "result", "history", "watch", "..", "%2F", "%0A", "é",
            "agents", "sessions", "log", "", "problems", "%25", "queues", "readyz",
        ];
        string[] queries =
        [
            "", "?", "?limit=", "?limit=%20", "?cursor=%00", "?cursor=é", "?state=\n", "?version=1e9", "?version=",
            "?payloads=1", "?search=%F0%9F%98%80", "?=", "?limit", "?cursor=-1", "?cursor=99999999999999999999",
        ];
        await using ApiHost host = await ApiHost.StartAsync(new FakeElasticity
        {
            Job = id => Some.Job(id.Value, "succeeded"),
        });
        for (int i = 0; i < Rounds; i++)
        {
            string path = "/v1/" + string.Join(
                '/', Enumerable.Range(0, random.Next(1, 6)).Select(_ => parts[random.Next(parts.Length)]));
            string query = queries[random.Next(queries.Length)];
            HttpMethod method = random.Next(4) == 0 ? HttpMethod.Post : HttpMethod.Get;

            using HttpResponseMessage response = await host.SendAsync(method, path + query);

            Assert.True(IsFine(response), $"{method} {path}{query} answered {response.StatusCode}");
        }
    }

    /// <summary>The next request that nobody would think of.</summary>
    internal static (HttpMethod Method, string Path, byte[] Body) Draw(Random random)
    {
        byte[] body = Body(random);
        (HttpMethod method, string path) = Targets[random.Next(Targets.Length)];
        return (method, path, body);
    }

    private static async Task SendManyAsync(ApiHost host, Random random)
    {
        for (int i = 0; i < Rounds; i++)
        {
            (HttpMethod method, string path, byte[] body) = Draw(random);
            using HttpRequestMessage request = new(method, path) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new("application/json");

            using HttpResponseMessage response = await host.Client.SendAsync(request);

            Assert.True(
                IsFine(response),
                $"{method} {path} answered {response.StatusCode} to {Convert.ToHexString(body)}: {Show(body)}");
        }
    }

    internal static bool IsFine(HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.NoContent => true,
        >= HttpStatusCode.InternalServerError => false,
        _ => response.Content.Headers.ContentType?.ToString() == ProblemDocument.MediaType,
    };

    private static byte[] Body(Random random)
    {
        if (random.Next(10) == 0)
        {
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        return Damage(Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]), random);
    }

    /// <summary>Takes something away, puts something in, a few times.</summary>
    internal static byte[] Damage(byte[] whole, Random random)
    {
        List<byte> body = [.. whole];
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            int place = random.Next(body.Count + 1);
            switch (random.Next(4))
            {
                case 0:
                    body.RemoveRange(place, Math.Min(random.Next(1, 10), body.Count - place));
                    break;
                case 1:
                    body.InsertRange(place, Encoding.UTF8.GetBytes(Splinters[random.Next(Splinters.Length)]));
                    break;
                case 2:
                    body.Insert(place, (byte)random.Next(256));
                    break;
                default:
                    body.InsertRange(place, body[..random.Next(body.Count + 1)]);
                    break;
            }
        }

        return [.. body];
    }

    private static string Show(byte[] body) => Encoding.Latin1.GetString(body);
}
