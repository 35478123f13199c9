using System.Text;
using System.Text.Json;
using Elasticity.Api.Tests.Support;
using Elasticity.Engine.Embedded;
using Elasticity.EventStore;
using Elasticity.EventStore.Tests;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Elasticity.Api.Tests.Edge;

/// <summary>Right requests, damaged ones and noise, in any order: whatever the server said it accepted must be there at
/// the end as it was said, also after a restart.</summary>
public class LedgerFuzzTests
{
    private const int Rounds = 900;
    private const int SampleCount = 3 * Rounds; // A request settles up to three leases.
    private const int Size = 20; // of what FsCheck generates: its numbers and lists
    private const string Session = "/v1/agents/a/sessions/s";

    // A damaged request for tasks may ask to wait for a minute.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public Task Nothing_accepted_is_lost_among_bad_requests(int? seed) =>
        FreshSeed.TryAsync(seed ?? FreshSeed.Value, async random =>
        {
            AcceptedLedger ledger = new();
            await using InMemoryEventStore store = new();
            await using (EmbeddedEngine engine = await EmbeddedEngine.StartAsync(store))
            {
                await using ApiHost host = await ApiHost.StartAsync(engine);
                await host.SendAsync(HttpMethod.Put, Session, $$"""{"kinds":{{RightRequests.Kinds}}}""").JsonAsync();
                await SendManyAsync(host, ledger, random);
                await ledger.HoldAsync(host);
            }

            Assert.InRange(ledger.Jobs.Count, Rounds / 30, Rounds);
            Assert.InRange(ledger.OutcomeCount, Rounds / 30, int.MaxValue);
            Assert.True((await LogVerifier.VerifyAsync(store, string.Empty, null, default)).IsSound);
            await using EmbeddedEngine second = await EmbeddedEngine.StartAsync(store);
            await using ApiHost secondHost = await ApiHost.StartAsync(second);
            await ledger.HoldAsync(secondHost);
        });

    private static async Task SendManyAsync(ApiHost host, AcceptedLedger ledger, Random random)
    {
        Queue<string> jobs = Sample(RightRequests.Job, random);
        Queue<string> outcomes = Sample(RightRequests.Outcome, random);
        for (int i = 0; i < Rounds; i++)
        {
            (string path, string right) = random.Next(3) switch
            {
                0 => ("/v1/jobs", jobs.Dequeue()),
                1 => (Session + "/lease",
                    $$"""{"requestId":"r-{{random.Next(Rounds)}}","max":{{random.Next(1, 6)}},"waitSeconds":0}"""),
                _ => (Session + "/settle", Results(ledger, outcomes, random)),
            };
            byte[] body = Encoding.UTF8.GetBytes(right);
            switch (random.Next(4))
            {
                case 0:
                    body = FuzzTests.Damage(body, random);
                    break;
                case 1 when random.Next(3) == 0:
                    (HttpMethod _, path, body) = FuzzTests.Draw(random);
                    break;
            }

            await SendAsync(host, ledger, path, body);
        }
    }

    private static async Task SendAsync(ApiHost host, AcceptedLedger ledger, string path, byte[] body)
    {
        string shown = $"{path} {Convert.ToHexString(body)}: {Encoding.Latin1.GetString(body)}";
        using CancellationTokenSource late = new(Patience);
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        try
        {
            using HttpResponseMessage response = await host.Client.SendAsync(request, late.Token);
            Assert.True(FuzzTests.IsFine(response), $"{response.StatusCode} to {shown}");
            if (response.IsSuccessStatusCode)
            {
                ledger.Take(path, body, JsonElement.Parse(await response.Content.ReadAsByteArrayAsync()));
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            // It waits, as it was asked to; and said nothing.
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException(shown, e);
        }
    }

    /// <summary>Settles some of what is held, as agents do: at times twice, at times under an old token.</summary>
    private static string Results(AcceptedLedger ledger, Queue<string> outcomes, Random random)
    {
        (string Job, int Index, long Token)[] held = [.. ledger.Held];
        random.Shuffle(held);
        IEnumerable<string> results =
            from lease in held.Take(random.Next(1, 4))
            let token = random.Next(10) == 0 ? lease.Token - 1 : lease.Token
            select $$"""{"job":"{{lease.Job}}","index":{{lease.Index}},"token":{{token}},{{outcomes.Dequeue()}}}""";
        return $$"""{"results":[{{string.Join(',', results)}}]}""";
    }

    private static Queue<string> Sample(Gen<string> texts, Random random) =>
        new(Gen.Sample(texts.Resize(Size), SampleCount, new Rnd((ulong)random.NextInt64()), SampleCount));
}
