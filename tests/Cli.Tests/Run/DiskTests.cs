using Elasticity.Cli.Tests.Support;
using Xunit;

namespace Elasticity.Cli.Tests.Run;

/// <summary>A directory that may not be written, and a disk that is full and then is not. They need a mount of their
/// own, so they run where one can be made.</summary>
[Collection(Processes.Name)]
public sealed class DiskTests : IDisposable
{
    private readonly Workplace _here = new();

    public void Dispose() => _here.Dispose();

    [MountFact]
    public async Task A_read_only_directory_is_told_and_works_once_it_may_be_written()
    {
        await MountAsync("size=16m");
        await _here.RunOtherAsync("mount", "", "-o", "remount,ro", _here.Of("disk"));
        string[] run = ["run", "--data", "disk/data", "--exec", "echo {}"];

        (await _here.RunAsync("1\n", run)).Exits(3).Says("store-read-only");

        await _here.RunOtherAsync("mount", "", "-o", "remount,rw", _here.Of("disk"));
        (await _here.RunAsync("1\n", run)).Exits(0);
        await UnmountAsync();
    }

    [MountFact]
    public async Task A_full_disk_is_told_nothing_accepted_is_lost_and_work_goes_on_once_there_is_room()
    {
        await MountAsync("size=3m");
        string input = string.Concat(Enumerable.Range(0, 300).Select(i => $"{i}\n"));
        using Running run = _here.Start(
            "run", "--data", "disk/data", "--job", "j", "--results", "out.jsonl", "--parallel", "4",
            "--exec", "echo {} >> ran; seq 4000; echo {}");
        await run.FeedAsync(System.Text.Encoding.UTF8.GetBytes(input));
        await RunTests.Until(() => _here.Lines("ran").Length > 20);
        await RunTests.Until(() => run.ErrorSoFar.Contains("store-full", StringComparison.Ordinal));
        int atFull = _here.Lines("ran").Length;
        await _here.RunOtherAsync("mount", "", "-o", "remount,size=64m", _here.Of("disk"));

        Outcome outcome = (await run.EndAsync()).Exits(0);

        Assert.Contains("it works again", outcome.Error);
        Assert.InRange(atFull, 20, 299);
        Assert.Equal(300, _here.Results().Count(r => r.State == "succeeded"));
        Assert.InRange(_here.Lines("ran").Length, 300, 308);
        await UnmountAsync();
    }

    private async Task MountAsync(string options)
    {
        Directory.CreateDirectory(_here.Of("disk"));
        (await _here.RunOtherAsync("mount", "", "-t", "tmpfs", "-o", options, "tmpfs", _here.Of("disk"))).Exits(0);
    }

    private async Task UnmountAsync() => await _here.RunOtherAsync("umount", "", _here.Of("disk"));

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class MountFactAttribute : FactAttribute
    {
        public MountFactAttribute()
        {
            if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            {
                Skip = "mounts a small disk: needs Linux and root";
            }
        }
    }
}
