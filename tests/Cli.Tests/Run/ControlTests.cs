using System.Net.Sockets;
using System.Runtime.Versioning;
using Elasticity.Cli.Tests.Support;
using Xunit;

namespace Elasticity.Cli.Tests.Run;

/// <summary>A <c>run</c> that is at work is looked at and steered by other processes, through its directory.</summary>
[Collection(Processes.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class ControlTests : IDisposable
{
    private readonly Workplace _here = new();

    public void Dispose() => _here.Dispose();

    [UnixFact]
    public async Task A_run_is_paused_resumed_and_cancelled_by_another_process()
    {
        const string Command = "echo {} >> ran; while [ ! -e go{} ]; do sleep 0.02; done";
        using Running run = _here.Start("run", "--job", "j", "--parallel", "2", "--exec", Command);
        Task<Outcome> ended = run.EndAsync("1\n2\n3\n4\n5\n"u8.ToArray());
        await RunTests.Until(() => _here.Lines("ran").Length == 2 && File.Exists(_here.Of(".elasticity/control.sock")));

        Assert.Contains("exec.j", (await AskAsync("queues")).Exits(0).Output);
        Assert.Contains("run ", (await AskAsync("agents")).Exits(0).Output);
        (await AskAsync("doctor")).Exits(0);
        (await AskAsync("pause", "j")).Exits(0);
        await File.WriteAllTextAsync(_here.Of("go1"), "");
        while (!(await AskAsync("show", "j", "0")).Exits(0).Output.Contains("succeeded", StringComparison.Ordinal))
        {
            Assert.False(run.HasEnded);
        }

        // Not more: at most what had been leased ahead has begun since.
        Assert.Contains("paused", (await AskAsync("show", "j")).Exits(0).Output);
        (await AskAsync("resume", "j")).Exits(0);
        await RunTests.Until(() => _here.Lines("ran").Length == 3);
        Outcome cancelled = (await AskAsync("cancel", "j")).Exits(0);

        Outcome outcome = (await ended).Exits(1);
        Assert.Contains("1 of 5 succeeded", outcome.Error);
        Assert.Contains("4 cancelled", outcome.Error);
        Assert.Contains("j", cancelled.Output);
        Assert.Equal(3, _here.Lines("ran").Length);
        Assert.False(File.Exists(_here.Of(".elasticity/control.sock")));
    }

    [UnixFact]
    public async Task What_was_leased_ahead_does_not_begin_once_the_job_is_cancelled()
    {
        using Running run = _here.Start("run", "--job", "j", "--parallel", "1", "--exec", "echo {} >> ran; sleep 600");
        Task<Outcome> ended = run.EndAsync("1\n2\n3\n4\n5\n"u8.ToArray());
        await RunTests.Until(() => _here.Lines("ran").Length == 1 && File.Exists(_here.Of(".elasticity/control.sock")));
        (await AskAsync("cancel", "j")).Exits(0);

        Outcome outcome = (await ended).Exits(1);

        Assert.Contains("0 of 5 succeeded, 5 cancelled", outcome.Error);
        Assert.DoesNotContain("redrive", outcome.Error); // There is nothing for it.
        Assert.DoesNotContain("failed", outcome.Error);
        Assert.Equal(["1"], _here.Lines("ran"));
    }

    [UnixFact]
    public async Task What_a_killed_run_left_behind_is_in_nobodys_way()
    {
        using (Running doomed = _here.Start("run", "--job", "j", "--exec", "echo {} >> ran; sleep 600"))
        {
            Task<Outcome> ended = doomed.EndAsync("1\n"u8.ToArray());
            await RunTests.Until(
                () => File.Exists(_here.Of("ran")) && File.Exists(_here.Of(".elasticity/control.sock")));
            doomed.KillDead();
            await ended;
        }

        Assert.True(File.Exists(_here.Of(".elasticity/control.sock")));
        (await AskAsync("pause", "j")).Exits(0);
        (await AskAsync("cancel", "j")).Exits(0);
        (await _here.RunAsync("1\n", "run", "--exec", "true")).Exits(0);
        Assert.False(File.Exists(_here.Of(".elasticity/control.sock")));
    }

    [UnixFact]
    public async Task Only_the_owner_of_the_directory_may_connect()
    {
        const string Command = "while [ ! -e go ]; do sleep 0.02; done; echo {}";
        using Running run = _here.Start("run", "--job", "j", "--exec", Command);
        Task<Outcome> ended = run.EndAsync("1\n"u8.ToArray());
        string socket = _here.Of(".elasticity/control.sock");
        await RunTests.Until(() => File.Exists(socket)
            && File.GetUnixFileMode(socket) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        using Socket page = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await page.ConnectAsync(new UnixDomainSocketEndPoint(socket));
        await page.SendAsync("GET /v1/jobs HTTP/1.1\r\nHost: evil.example\r\n\r\n"u8.ToArray());
        byte[] answer = new byte[64];
        int length = await page.ReceiveAsync(answer);

        Assert.StartsWith("HTTP/1.1 403", System.Text.Encoding.ASCII.GetString(answer, 0, length));
        await File.WriteAllTextAsync(_here.Of("go"), "");
        (await ended).Exits(0);
    }

    [UnixFact]
    public async Task A_directory_whose_path_is_too_long_for_a_socket_works_all_the_same()
    {
        string deep = new('d', 120);

        (await _here.RunAsync("1\n", "run", "--exec", "true", "--data", deep)).Exits(0);

        Assert.False(File.Exists(_here.Of($"{deep}/control.sock")));
    }

    private Task<Outcome> AskAsync(params string[] arguments) => _here.RunAsync("", arguments);
}
