using System.Text.Json;
using Elasticity.Cli.Tests.Support;
using Xunit;

namespace Elasticity.Cli.Tests.Bench;

/// <summary>What a measurement measured; how fast it was is no test's business.</summary>
[Collection(Processes.Name)]
public sealed class BenchTests : IDisposable
{
    private static readonly string[] Small =
        ["bench", "--json", "--jobs", "2", "--tasks", "100", "--rate", "20", "--steady", "1s", "--payload", "10"];

    private readonly Workplace _here = new();

    public void Dispose() => _here.Dispose();

    [UnixFact]
    public async Task Over_HTTP_server_and_agents_are_processes_of_their_own()
    {
        JsonElement report = await MeasureAsync("--data", "data");

        Assert.Equal(
            ["server", "agent 0", "agent 1"],
            report.GetProperty("memory").GetProperty("peakMiB").EnumerateObject().Select(p => p.Name));
        Assert.False(report.GetProperty("memory").TryGetProperty("inProcess", out _));
        Outcome sound = (await _here.RunAsync("", "verify", "--data", "data")).Exits(0); // The server is gone.
        Assert.Contains("everything fits", sound.Output);
    }

    [UnixFact]
    public async Task In_process_the_heap_is_reported_too()
    {
        JsonElement report = await MeasureAsync("--in-process", "--store", "memory");

        Assert.True(
            report.GetProperty("memory").GetProperty("inProcess").GetProperty("allocatedBytesPerTask").GetDouble() > 0);
    }

    [UnixFact]
    public async Task What_does_not_fit_together_is_refused()
    {
        (await _here.RunAsync("", "bench", "--store", "memory")).Exits(2).Says("usage");
        (await _here.RunAsync("", "bench", "--in-process", "--server", "http://localhost:1")).Exits(2).Says("usage");
        (await _here.RunAsync("", "bench", "--server", "nowhere")).Exits(2).Says("usage");
        (await _here.RunAsync("", "bench", "--server", "http://localhost:1,")).Exits(2).Says("usage");
    }

    private async Task<JsonElement> MeasureAsync(params string[] more)
    {
        Outcome outcome = (await _here.RunAsync("", [.. Small, .. more])).Exits(0);
        JsonElement report = JsonDocument.Parse(outcome.Output).RootElement;
        foreach (string phase in (string[])["submit", "drain", "endToEnd"])
        {
            Assert.Equal(200, report.GetProperty(phase).GetProperty("tasks").GetInt32());
            Assert.True(report.GetProperty(phase).GetProperty("tasksPerSecond").GetDouble() > 0);
        }

        // Each task is leased and succeeds: two events; jobs and agents have a few more.
        Assert.InRange(report.GetProperty("drain").GetProperty("events").GetInt32(), 400, 450);
        JsonElement latency = report.GetProperty("submitToStart");
        Assert.Equal(20, latency.GetProperty("count").GetInt32());
        Assert.InRange(latency.GetProperty("p50Ms").GetDouble(), 0.001, latency.GetProperty("maxMs").GetDouble());
        return report;
    }
}
