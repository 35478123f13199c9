using System.Text;
using Elasticity.Cli.Tests.Support;
using Xunit;

namespace Elasticity.Cli.Tests.Run;

[Collection(Processes.Name)]
public sealed class RunTests : IDisposable
{
    private readonly Workplace _here = new();

    public void Dispose() => _here.Dispose();

    [UnixFact]
    public async Task Every_file_has_the_digest_that_sha256sum_alone_gives()
    {
        string[] files = [.. Directory.EnumerateFiles(AppContext.BaseDirectory).Order().Take(60)];
        string input = string.Join('\n', files) + "\n";
        Outcome alone = await _here.RunOtherAsync("xargs", input, "-d", "\n", "sha256sum");

        (await _here.RunAsync(input, "run", "--exec", "sha256sum {}", "--results", "out.jsonl")).Exits(0);

        Assert.Equal(alone.Output, string.Concat(_here.Results().Select(r => r.Output)));
        Assert.Equal(files, _here.Results().Select(r => r.Argument));
    }

    [UnixFact]
    public async Task Whatever_is_in_an_item_it_is_one_argument()
    {
        string[] items =
        [
            "plain", "two words", "  spaces  ", "it's", "say \"hi\"", "$HOME `id` $(id)", "a;b|c&d", "*", "?", "~",
            "-n", "\\", "new\nline\n", "\ttab", "{}", "$1", "%s", "", "ä€𝄞", "a\\nb", "#x", "!x", "a=b",
        ];
        byte[] latin = [0xe9, (byte)'\'', 0xff, (byte)'\n'];
        byte[] input = [.. items.SelectMany(i => Encoding.UTF8.GetBytes(i + "\0")), .. latin, 0];

        (await _here.RunAsync(
            input, "run", "-0", "--exec", "printf '<%s>' {} \"in {}\" x{}y", "--results", "out.jsonl")).Exits(0);

        ResultLine[] results = _here.Results();
        Assert.Equal(items.Select(i => $"<{i}><in {i}><x{i}y>"), results.SkipLast(1).Select(r => r.Output));
        byte[] expected = [.. "<"u8, .. latin, .. "><in "u8, .. latin, .. "><x"u8, .. latin, .. "y>"u8];
        Assert.Equal(expected, Convert.FromBase64String(results[^1].OutputBase64!));
        Assert.Equal(latin, Convert.FromBase64String(results[^1].ArgumentBase64!));
    }

    [UnixFact]
    public async Task A_failing_command_is_tried_again_and_then_shown_with_its_output()
    {
        Outcome outcome = await _here.RunAsync(
            "good\nbad\n",
            "run", "--exec", "echo {} >> ran; echo out of {}; echo because >&2; test {} = good",
            "--retries", "1", "--results", "out.jsonl");

        outcome.Exits(1);
        Assert.Contains("failed: task 1 (bad), 2 attempts, attempts-exhausted: Exit code 1: because", outcome.Error);
        Assert.Contains("    out of bad", outcome.Error);
        ResultLine[] results = _here.Results();
        Assert.Equal(("succeeded", 1, 0), (results[0].State, results[0].Attempts, results[0].ExitCode));
        Assert.Equal(("dead-lettered", 2, 1), (results[1].State, results[1].Attempts, results[1].ExitCode));
        Assert.Equal(("exit-code", "because\n"), (results[1].Failure, results[1].ErrorOutput));
        Assert.Equal(["bad", "bad", "good"], _here.Lines("ran").Order());
    }

    [UnixFact]
    public async Task Commands_that_cannot_be_found_and_wrong_data_are_not_tried_again()
    {
        (await _here.RunAsync(
            "1\n2\n", "run", "--exec", "test {} = 1 && exit 65; no-such-command", "--results", "out.jsonl")).Exits(1);

        Assert.All(_here.Results(), r => Assert.Equal(("final-failure", 1), (r.Reason, r.Attempts)));
        Assert.Equal([65, 127], _here.Results().Select(r => r.ExitCode!.Value));
    }

    [UnixFact]
    public async Task A_command_that_takes_too_long_is_ended_with_all_it_started()
    {
        (await _here.RunAsync(
            "1\n",
            "run", "--exec", "(sleep 1; sleep 60; echo {} > late) & sleep 60; echo {}",
            "--timeout", "500ms", "--retries", "0", "--results", "out.jsonl")).Exits(1);

        Assert.Equal("timeout", _here.Results()[0].Failure);
        Outcome sleepers = await _here.RunOtherAsync("pgrep", "", "-f", "sleep 60; echo 1 > late");
        Assert.Equal("", sleepers.Output);
    }

    [UnixFact]
    public async Task A_command_knows_its_job_its_task_and_its_token()
    {
        (await _here.RunAsync(
            "x\n",
            "run", "--job", "env", "--results", "out.jsonl", "--retries", "1",
            "--exec", "echo $ELASTICITY_JOB $ELASTICITY_TASK $ELASTICITY_ATTEMPT $ELASTICITY_TOKEN {}; mkdir once.d"
                + " && exit 1; cat")).Exits(0);

        Assert.Equal("env 0 2 2 x\n", _here.Results()[0].Output);
    }

    [UnixFact]
    public async Task Long_output_is_cut_at_its_beginning()
    {
        (await _here.RunAsync("200000\n", "run", "--exec", "seq {}", "--results", "out.jsonl")).Exits(0);

        ResultLine result = _here.Results()[0];
        Assert.EndsWith("\n199999\n200000\n", result.Output);
        Assert.Equal(1_288_895, result.OutputDropped + result.Output!.Length);
    }

    [UnixFact]
    public async Task The_same_command_goes_on_after_Ctrl_C_and_starts_anew_after_the_end()
    {
        string[] command =
            ["run", "--parallel", "2", "--exec", "echo {} >> ran; test -e go || sleep 30", "--results", "out.jsonl"];
        byte[] input = "1\n2\n3\n4\n"u8.ToArray();
        using Running first = _here.Start(command);
        await first.FeedAsync(input);
        await Until(() => _here.Lines("ran").Length == 2);
        first.Signal("INT");
        Outcome interrupted = await first.EndAsync();
        await File.WriteAllTextAsync(_here.Of("go"), "");

        interrupted.Exits(130);
        Assert.Contains("0 of 4 done", interrupted.Error);
        Assert.Empty(_here.Results());
        (await _here.RunAsync(input, command)).Exits(0);
        Assert.Equal(4, _here.Results().Length);
        Assert.Equal(["1", "1", "2", "2", "3", "4"], _here.Lines("ran").Order());
        (await _here.RunAsync(input, command)).Exits(0);
        Assert.Equal(10, _here.Lines("ran").Length);
    }

    [UnixFact]
    public async Task A_named_job_goes_on_from_the_store_alone_and_is_done_once()
    {
        using Running first = _here.Start("run", "--job", "j", "--exec", "echo {} >> ran; test -e go || sleep 30");
        await first.FeedAsync("1\n2\n3\n"u8.ToArray());
        await Until(() => _here.Lines("ran").Length > 0);
        first.Signal("TERM");
        (await first.EndAsync()).Exits(143);
        await File.WriteAllTextAsync(_here.Of("go"), "");

        (await _here.RunAsync("", "run", "--job", "j", "--results", "out.jsonl")).Exits(0);
        int ran = _here.Lines("ran").Length;
        (await _here.RunAsync("", "run", "--job", "j", "--results", "again.jsonl")).Exits(0);

        Assert.Equal(ran, _here.Lines("ran").Length);
        Assert.Equal(_here.Lines("out.jsonl"), _here.Lines("again.jsonl"));
    }

    [UnixFact]
    public async Task A_run_executes_its_own_job_and_no_other_that_lies_unfinished()
    {
        using Running other = _here.Start("run", "--job", "other", "--exec", "touch other; sleep 30; echo {}");
        await other.FeedAsync("1\n2\n3\n"u8.ToArray());
        await Until(() => File.Exists(_here.Of("other")));
        other.KillDead();
        await other.EndAsync();
        File.Delete(_here.Of("other"));

        Outcome own = (await _here.RunAsync("1\n", "run", "--job", "own", "--exec", "echo {}")).Exits(0);

        Assert.False(File.Exists(_here.Of("other")));
        Assert.Contains("not part of this run: other", own.Error);
    }

    internal static async Task Until(Func<bool> isTrue)
    {
        for (int i = 0; !isTrue(); i++)
        {
            Assert.True(i < 3_000, "It did not become true.");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }
}
