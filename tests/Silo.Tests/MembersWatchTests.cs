using System.Collections;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Elasticity.Silo.Tests;

/// <summary>A silo whose members are not in the database of the events: here in a place that answers as it is
/// told.</summary>
public class MembersWatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // For machines with much else to do.

    [Fact]
    public async Task A_silo_serves_on_while_its_members_cannot_be_read_and_says_so()
    {
        Place place = new();
        SiloOptions options = SiloConfiguration.Read(
            [
                "--Listen", $"http://127.0.0.1:{SiloProcess.FreePort()}", "--SiloPort", $"{SiloProcess.FreePort()}",
                "--GatewayPort", $"{SiloProcess.FreePort()}", "--DrainDelay", "00:00:00", "--Dashboard", "false",
            ],
            new Hashtable()) with { Clustering = place };
        using HttpClient http = new() { BaseAddress = options.Listen };
        Task run = SiloProgram.RunAsync(options);

        await UntilReadyAsync(http, run, body => body == """{"status":"ready"}""");
        Assert.Contains("elasticity_degraded 0\n", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);

        place.Fails = new IOException("Nobody is there.");
        string warned = await UntilReadyAsync(http, run, body => body != """{"status":"ready"}""");
        Assert.Equal(
            """{"status":"ready","warning":"The members of the cluster cannot be read: Nobody is there."}""", warned);
        string metrics = await http.GetStringAsync("/metrics");
        Assert.Contains("elasticity_degraded 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("elasticity_ready 1\n", metrics, StringComparison.Ordinal);
        using StringContent job = new("""{"id":"a","tasks":[{"kind":"k"}]}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage submitted = await http.PostAsync("/v1/jobs", job);
        Assert.Equal(HttpStatusCode.Created, submitted.StatusCode);

        place.Fails = null;
        await UntilReadyAsync(http, run, body => body == """{"status":"ready"}""");

        place.Stop!();
        await run.WaitAsync(Patience);
    }

    [Fact]
    public async Task The_log_says_once_that_they_cannot_be_read_and_once_that_they_can()
    {
        Place place = new([null, new IOException("One."), new InvalidOperationException("Two."), null, null]);
        Heard heard = new();
        using MembersWatch watch = new(new Haste(), heard, place);

        await watch.StartAsync(CancellationToken.None);
        await place.AllAnswered.WaitAsync(Patience);
        await watch.StopAsync(CancellationToken.None);

        Assert.Collection(
            heard.Lines,
            line => Assert.StartsWith(
                "Warning: The members of the cluster cannot be read, and the silo serves on: One. ", line,
                StringComparison.Ordinal),
            line => Assert.Equal("Information: The members of the cluster can be read again.", line));
    }

    [Fact]
    public async Task No_answer_is_one_too()
    {
        Place place = new() { NeverAnswers = true };
        Heard heard = new();
        using MembersWatch watch = new(new Haste(), heard, place);

        await watch.StartAsync(CancellationToken.None);
        await heard.First.WaitAsync(Patience);
        await watch.StopAsync(CancellationToken.None);

        Assert.Contains("no answer within 5 s", Assert.Single(heard.Lines), StringComparison.Ordinal);
    }

    private static async Task<string> UntilReadyAsync(HttpClient http, Task run, Func<string, bool> isWanted)
    {
        using CancellationTokenSource late = new(Patience);
        while (true)
        {
            Assert.False(run.IsCompleted, run.Exception?.ToString());
            try
            {
                using HttpResponseMessage answer = await http.GetAsync("/readyz", late.Token);
                string body = await answer.Content.ReadAsStringAsync(late.Token);
                if (answer.StatusCode == HttpStatusCode.OK && isWanted(Compact(body)))
                {
                    return Compact(body);
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), late.Token);
        }
    }

    private static string Compact(string json) =>
        System.Text.Json.Nodes.JsonNode.Parse(json)!.ToJsonString();

    /// <summary>Silos that are alone, and a place that is asked for them.</summary>
    /// <param name="script">The first answers, null for a good one; after them what <see cref="Fails"/> says.</param>
    private sealed class Place(params Exception?[] script) : IClusteringChoice, IClusteringHealth
    {
        private readonly Queue<Exception?> _script = new(script);
        private readonly TaskCompletionSource _allAnswered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "elsewhere";

        public string Meaning => "for a test";

        public Exception? Fails { get; set; }

        public bool NeverAnswers { get; init; }

        public Action? Stop { get; private set; }

        public Task AllAnswered => _allAnswered.Task;

        public string? Problem(SiloOptions options) => null;

        public void Configure(ISiloBuilder silo, SiloOptions options, IPAddress address)
        {
            LocalhostClustering.Instance.Configure(silo, options, address);
            silo.Services.AddSingleton<IClusteringHealth>(s =>
            {
                Stop = s.GetRequiredService<IHostApplicationLifetime>().StopApplication;
                return this;
            });
        }

        public Task AskAsync(CancellationToken cancellationToken)
        {
            if (NeverAnswers)
            {
                return new TaskCompletionSource().Task;
            }

            if (!_script.TryDequeue(out Exception? failure))
            {
                _allAnswered.TrySetResult(); // Also the last one of the script was dealt with.
                failure = Fails;
            }

            return failure is null ? Task.CompletedTask : Task.FromException(failure);
        }
    }

    /// <summary>Time goes a hundred times as fast.</summary>
    private sealed class Haste : TimeProvider
    {
        private const int Factor = 100;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, Hastened(dueTime), Hastened(period));

        private static TimeSpan Hastened(TimeSpan span) => span > TimeSpan.Zero ? span / Factor : span;
    }

    private sealed class Heard : ILogger<MembersWatch>
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Lines { get; } = [];

        public Task First => _first.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            Lines.Add($"{logLevel}: {formatter(state, exception)}");
            _first.TrySetResult();
        }
    }
}
