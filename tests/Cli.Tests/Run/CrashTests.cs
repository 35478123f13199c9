using System.Globalization;
using System.Text;
using Elasticity.Cli.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace Elasticity.Cli.Tests.Run;

/// <summary><c>kill -9</c> at random moments, each followed by the same command.</summary>
[Collection(Processes.Name)]
public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 20;
    private const int Parallel = 3;

    private readonly Workplace _here = new();

    public void Dispose() => _here.Dispose();

    [UnixFact]
    public async Task After_twenty_kills_every_task_is_recorded_once_and_only_what_was_under_way_was_wasted()
    {
        const int Tasks = 400;
        int seed = Environment.TickCount;
        Random random = new(seed);
        output.WriteLine($"seed {seed}");
        byte[] input = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, Tasks).Select(i => $"{i}\n")));

        // What it says first is that it began; the token tells which of the commands was the one that counts.
        const string Command = "echo {} $ELASTICITY_TOKEN >> ran; sleep 0.05; echo {} $ELASTICITY_TOKEN";
        string[] run =
            ["run", "--job", "j", "--parallel", $"{Parallel}", "--exec", Command, "--results", "out.jsonl"];
        int kills = 0;
        HashSet<string> recorded = [];
        while (kills < Kills)
        {
            using Running running = _here.Start(run);
            await running.FeedAsync(input);
            await Task.Delay(random.Next(100, 1_500));
            if (running.HasEnded)
            {
                break; // A fast machine was done before the last kill.
            }

            running.KillDead();
            kills++;
            await running.EndAsync();
        }

        (await _here.RunAsync(input, run)).Exits(0);

        ResultLine[] results = _here.Results();
        Assert.Equal(Enumerable.Range(0, Tasks), results.Select(r => r.Task));
        Assert.All(results, r => Assert.Equal("succeeded", r.State));
        string[] ran = _here.Lines("ran");
        Dictionary<int, int> starts = ran
            .GroupBy(l => int.Parse(l.Split(' ')[0], CultureInfo.InvariantCulture))
            .ToDictionary(g => g.Key, g => g.Count());
        Dictionary<int, long> last = ran
            .Select(l => l.Split(' '))
            .GroupBy(l => int.Parse(l[0], CultureInfo.InvariantCulture))
            .ToDictionary(g => g.Key, g => g.Max(l => long.Parse(l[1], CultureInfo.InvariantCulture)));

        // Nothing that was recorded ran again: the recorded result is that of the last command that began.
        Assert.All(results, r => Assert.Equal($"{r.Task} {last[r.Task]}\n", r.Output));

        // A run has at most twice its slots started and not recorded.
        int wasted = ran.Length - Tasks;
        output.WriteLine($"{kills} kills, {Tasks} tasks, {ran.Length} commands begun, {wasted} wasted");
        Assert.InRange(wasted, 0, kills * 2 * Parallel);
        Assert.Equal(Tasks, starts.Count);
    }

    [UnixFact]
    public async Task The_commands_of_a_killed_run_are_ended_too()
    {
        using Running running = _here.Start("run", "--parallel", "2", "--exec", "echo $$ >> pids; sleep 60; echo {}");
        await running.FeedAsync("1\n2\n"u8.ToArray());
        await RunTests.Until(() => _here.Lines("pids").Length == 2);

        running.KillDead();

        foreach (string pid in _here.Lines("pids"))
        {
            await RunTests.Until(() => !IsAlive(pid));
        }
    }

    private static bool IsAlive(string pid)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
