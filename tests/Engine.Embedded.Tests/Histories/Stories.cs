using System.Collections.Immutable;
using System.Diagnostics;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Xunit;
using static Elasticity.Engine.Embedded.Tests.Histories.Stage;

namespace Elasticity.Engine.Embedded.Tests.Histories;

/// <summary>What is recorded of each release: together every type of event, in lives that happen.</summary>
internal static class Stories
{
    private const string A = "agent-a";
    private const string B = "agent-b";
    private const string S1 = "session-1";
    private const string S2 = "session-2";

    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(2);

    public static Dictionary<string, Func<Stage, Task>> All { get; } = new()
    {
        ["album"] = AlbumAsync,
        ["trouble"] = TroubleAsync,
        ["poison"] = PoisonAsync,
        ["fail-fast"] = FailFastAsync,
        ["cancelled"] = CancelledAsync,
        ["trimmed"] = TrimmedAsync,
        ["erased"] = ErasedAsync,
        ["unfinished"] = UnfinishedAsync,
        ["attached"] = AttachedAsync,
        ["long"] = LongAsync,
    };

    /// <summary>Dependencies, payloads, a retry, a task given back, a pause; all is well in the end.</summary>
    private static async Task AlbumAsync(Stage stage)
    {
        JobPolicy policy = new()
        {
            OnDeadLetter = DeadLetterRule.Ignore,
            Priority = 5,
            LeaseLength = TimeSpan.FromSeconds(45),
            Retry = new RetryPolicy { AttemptsMax = 4, Jitter = 0, First = Brief, Cap = TimeSpan.FromSeconds(90) },
        };
        TaskSpec photo = new() { Kind = "resize", Name = "photo", Payload = Payload.FromJson("""{"w": 1.0}""") };
        using (Activity trace = new("submit"))
        {
            trace.SetIdFormat(ActivityIdFormat.W3C).Start();
            trace.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
            await stage.SubmitAsync(
                "album",
                Header("Holiday – été", policy, ("team", "art"), ("cost", "7")),
                photo,
                photo with { Name = null, Priority = -3, NotBefore = stage.Now.AddSeconds(1) },
                new TaskSpec { Kind = "zip", Name = "all", DependsOn = [0, 1], LeaseLength = TimeSpan.FromMinutes(5) });
        }

        JobId job = new("album");
        await stage.RegisterAsync(A, S1, "resize", "zip");
        LeasedTask first = await stage.LeaseOneAsync(A, S1);
        await stage.BeatAsync(A, S1, first);
        Assert.Null(await stage.FailAsync(A, S1, first));
        Accepted(await stage.Engine.PauseAsync(job, default));
        await stage.PassAsync(3);
        Assert.Empty(await stage.LeaseAsync(A, S1));
        Accepted(await stage.Engine.ResumeAsync(job, default));
        ImmutableArray<LeasedTask> both = await stage.LeaseAsync(A, S1);
        Assert.Null(await stage.SucceedAsync(A, S1, both[0], """{"bytes":48213}"""));
        Assert.Null(await stage.SettleAsync(A, S1, both[1], new Settlement.GivenBack()));
        Accepted(await stage.Engine.DrainAsync(new(A), new(S1), default));
        Accepted(await stage.Engine.CloseAsync(new(A), new(S1), default));
        await stage.RegisterAsync(A, S2, "resize", "zip");
        Assert.Null(await stage.SucceedAsync(A, S2, await stage.LeaseOneAsync(A, S2), "null"));
        Assert.Null(await stage.SucceedAsync(A, S2, await stage.LeaseOneAsync(A, S2), "\"album.zip\""));
    }

    /// <summary>On a cluster an agent is minded by one after the other.</summary>
    private static async Task AttachedAsync(Stage stage)
    {
        await stage.SubmitAsync("attached", Header("Attached"), Spec("exec"));
        await stage.RegisterAsync(A, S1, "exec");
        await stage.LeaseOneAsync(A, S1);
        await stage.AttachAsync(A);
        await stage.AttachAsync(A);
    }

    /// <summary>A job that writes down where it stands, after a task was given up and redriven, and goes on.</summary>
    private static async Task LongAsync(Stage stage)
    {
        const int Count = 14;
        TaskSpec last = Spec("exec", [.. Enumerable.Range(0, Count)]);
        JobId job = await stage.SubmitAsync(
            "long", Header("Long"), [.. Enumerable.Repeat(Spec("exec"), Count), last]);
        await stage.RegisterAsync(A, S1, "exec");
        Assert.Null(await stage.FailAsync(A, S1, await stage.LeaseOneAsync(A, S1), isFinal: true));
        await stage.UntilAsync(job, j => j.Counts.Skipped == 1); // What waits for it.
        Accepted(await stage.Engine.RedriveAsync(job, 0, "again-1", default));
        for (int i = 0; i < Count - 2; i++)
        {
            Assert.Null(await stage.SucceedAsync(A, S1, await stage.LeaseOneAsync(A, S1)));
        }

        Assert.Null(await stage.FailAsync(A, S1, await stage.LeaseOneAsync(A, S1), isFinal: true));
        await stage.UntilAsync(job, j => j.Counts.Skipped == 1);
    }

    /// <summary>A lease lost to a newer session, one that expired, a late result; given up, redriven.</summary>
    private static async Task TroubleAsync(Stage stage)
    {
        TaskSpec spec = Spec("exec") with { LeaseLength = Brief };
        JobId job = await stage.SubmitAsync("trouble", Header("Trouble"), spec, spec with { DependsOn = [0] });
        await stage.RegisterAsync(A, S1, "exec");
        await stage.RegisterAsync(B, S1 + "b", "exec");
        LeasedTask lost = await stage.LeaseOneAsync(A, S1);
        await stage.BeatAsync(A, S1, lost);
        await stage.RegisterAsync(A, S2, "exec");
        LeasedTask silent = await stage.LeaseOneAsync(B, S1 + "b");
        await stage.BeatAsync(B, S1 + "b", silent);
        await stage.PassAsync(3);
        LeasedTask current = await stage.LeaseOneAsync(A, S2);
        Assert.Equal("lease-lost", (await stage.SucceedAsync(B, S1 + "b", silent))?.Code);
        Assert.Null(await stage.FailAsync(A, S2, current, isFinal: true));
        await stage.UntilEndedAsync(job); // Its other task is skipped.
        Accepted(await stage.Engine.RedriveAsync(job, null, "again-1", default));
        Assert.Null(await stage.SucceedAsync(A, S2, await stage.LeaseOneAsync(A, S2)));
        Assert.Null(await stage.SucceedAsync(A, S2, await stage.LeaseOneAsync(A, S2)));
        await stage.PassAsync(90); // The agents fall silent, and their sessions end.
    }

    /// <summary>A task whose agents fall silent again and again.</summary>
    private static async Task PoisonAsync(Stage stage)
    {
        await stage.SubmitAsync("poison", Header(), Spec("exec") with { LeaseLength = Brief });
        await stage.RegisterAsync(A, S1, "exec");
        for (int i = 0; i < TaskTerms.ExpiredMax; i++)
        {
            await stage.BeatAsync(A, S1, await stage.LeaseOneAsync(A, S1));
            await stage.PassAsync(3);
        }
    }

    /// <summary>The policy stops the job at the first task that is given up; a running one is told.</summary>
    private static async Task FailFastAsync(Stage stage)
    {
        JobPolicy policy = new() { OnDeadLetter = DeadLetterRule.FailFast };
        TaskSpec once = Spec("exec") with { Retry = new RetryPolicy { AttemptsMax = 1 } };
        JobId job = await stage.SubmitAsync("fast", Header("", policy), once, once, once);
        await stage.RegisterAsync(A, S1, "exec");
        ImmutableArray<LeasedTask> two = await stage.LeaseAsync(A, S1, 2);
        Assert.Null(await stage.FailAsync(A, S1, two[0]));
        await stage.UntilAsync(job, j => j.Counts.Cancelled == 1); // The one that nobody leased.
        Assert.Null(await stage.SettleAsync(A, S1, two[1], new Settlement.GivenBack()));
    }

    /// <summary>Cancelled while a task runs, and before it was accepted.</summary>
    private static async Task CancelledAsync(Stage stage)
    {
        JobId job = await stage.SubmitAsync("cancelled", Header(), Spec("exec"), Spec("exec"), Spec("exec", 1));
        await stage.RegisterAsync(A, S1, "exec");
        LeasedTask task = await stage.LeaseOneAsync(A, S1);
        Accepted(await stage.Engine.CancelAsync(job, default));
        Assert.Null(await stage.SucceedAsync(A, S1, task));
        string digest = JobDigest.Of(JobPolicy.Default, [Spec("exec"), Spec("exec")]);
        JobId half = new("half");
        Accepted(await stage.Engine.OpenAsync(half, Header(), digest, 2, default));
        Accepted(await stage.Engine.AddTasksAsync(half, 0, [Spec("exec")], default));
        Accepted(await stage.Engine.CancelAsync(half, default));
    }

    /// <summary>What is left of a job that was trimmed.</summary>
    private static async Task TrimmedAsync(Stage stage)
    {
        JobId job = await stage.SubmitAsync("old", Header("Old", null, ("year", "2025")), Spec("exec"), Spec("exec"));
        await stage.RegisterAsync(A, S1, "exec");
        foreach (LeasedTask task in await stage.LeaseAsync(A, S1))
        {
            Assert.Null(await stage.SucceedAsync(A, S1, task));
        }

        Accepted(await stage.Engine.TrimAsync(job, default));
    }

    /// <summary>A job that was told to forget one of its tasks.</summary>
    private static async Task ErasedAsync(Stage stage)
    {
        TaskSpec[] tasks = [.. "ab".Select(c => Spec("exec") with { Payload = Payload.FromJson($"\"{c}\"") })];
        JobId job = await stage.SubmitAsync("private", Header(), tasks);
        await stage.RegisterAsync(A, S1, "exec");
        foreach (LeasedTask task in await stage.LeaseAsync(A, S1))
        {
            Assert.Null(await stage.SucceedAsync(A, S1, task, $"{task.Task.Index}"));
        }

        Accepted(await stage.Engine.ErasePayloadsAsync(job, 1, default));
    }

    /// <summary>Work that lies there when the engine stops: leased, backing off, blocked, waiting, opening.</summary>
    private static async Task UnfinishedAsync(Stage stage)
    {
        TaskSpec task = Spec("exec");
        await stage.SubmitAsync(
            "open",
            Header(),
            task,
            task,
            task,
            Spec("exec", 0),
            task with { NotBefore = stage.Now.AddMinutes(10) });
        await stage.RegisterAsync(A, S1, "exec");
        ImmutableArray<LeasedTask> two = await stage.LeaseAsync(A, S1, 2);
        await stage.BeatAsync(A, S1, [.. two]);
        Assert.Null(await stage.FailAsync(A, S1, two[1]));
        JobId paused = await stage.SubmitAsync("paused", Header(), task);
        Accepted(await stage.Engine.PauseAsync(paused, default));
        JobId opening = new("opening");
        string digest = JobDigest.Of(JobPolicy.Default, [task, task]);
        Accepted(await stage.Engine.OpenAsync(opening, Header(), digest, 2, default));
        Accepted(await stage.Engine.AddTasksAsync(opening, 0, [task], default));
    }
}
