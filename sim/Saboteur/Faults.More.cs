namespace Elasticity.Saboteur;

internal static partial class Faults
{
    private static Sabotage[] More =>
    [
        new("run-stays", "a redrive does not begin a new run",
            new Edit(JobFold, "runs[index] = state.RunOf(index) + 1;", "runs[index] = state.RunOf(index);")),
        new("cancel-in-vain", "a cancel is answered and not stored",
            new Edit(
                Job, "JobDecision.Accept(new JobEvent.CancelRequested(c.Now)) with { Sweep = true },",
                "c.Now > default(DateTimeOffset) ? JobDecision.NoChange : default,")),
        new("pause-in-vain", "a pause is answered and not stored",
            new Edit(
                Job, "JobDecision.Accept(new JobEvent.Paused(c.Now)).Tell(",
                "c.Now > default(DateTimeOffset) ? JobDecision.NoChange : JobDecision.NoChange.Tell(")),
        new("redrive-in-vain", "a redrive is answered and not stored",
            new Edit(
                Job, "when state.SealedAt is not null && !state.IsTrimmed => Redrive(id, state, c),",
                "when state.SealedAt is not null && !state.IsTrimmed => Redrive(id, state, c) with { Events = [] },")),
        new("cancel-not-swept", "a cancelled job does not tell its tasks",
            new Edit(Job, "JobDecision.Accept(new JobEvent.CancelRequested(c.Now)) with { Sweep = true },",
                "JobDecision.Accept(new JobEvent.CancelRequested(c.Now)),")),
        new("cancel-not-told", "a heartbeat does not say that a task is to stop",
            new Edit(Book, "return entry.IsCancelRequested ? LeaseAnswer.CancelRequested : LeaseAnswer.Renewed;",
                "return LeaseAnswer.Renewed;")),
        new("pause-not-told", "a paused job does not tell its queues",
            new Edit(Job, ".Tell(new Message.SetPaused(id, IsPaused: true))", string.Empty)),
        new("fail-fast-ignored", "a job that should fail at once goes on",
            new Edit(Job, "next.Header.Policy.OnDeadLetter == DeadLetterRule.FailFast",
                "next.Header.Policy.OnDeadLetter == (DeadLetterRule)9")),
        new("supersede-not-told", "a new session of an agent does not end the leases of the one before",
            new Edit(Agent, "        return state.IsOpen\n", "        return state.Session.Value == \"?\"\n")),
        new("same-request-new-leases", "a request for tasks that is repeated gets other tasks",
            new Edit($"{Core}.Leasing.cs", "if (!given.IsEmpty)", "if (given.IsDefault)")),
        new("same-report-refused", "a report that is repeated is refused",
            new Edit(Task, "if (state.Settled.Contains(new SettledLease(c.Token, c.Settlement.Fingerprint())))",
                "if (c.Token < 0)")),
        new("silent-refusal", "a late report is refused and leaves no trace",
            new Edit(Task, "return isWorthRecording\n", "return isWorthRecording && c.Token < 0\n")),
        new("limit-of-one-step", "requests of one step do not see each other's leases (found by seed 1795185704556)",
            new Edit($"{Core}.Leasing.cs", "        Settle(); // The next request", "        // The next request"))
            { SeedsMax = 20_000 },
        new("leases-unlimited", "a session gets more leases than allowed",
            new Edit(
                $"{Core}.Leasing.cs", "int room = _options.Limits.LeasesPerSessionMax - ",
                "int room = int.MaxValue - ")),
        new("no-turns", "a job keeps its turn",
            new Edit(Queue, "_turns.AddLast(turn);", "_turns.AddFirst(turn);")),
        new("priorities-reversed", "the smaller priority goes first",
            new Edit(Queue, "b.CompareTo(a)", "a.CompareTo(b)")),
        new("job-leak", "an ended job stays in memory",
            new Edit($"{Core}.Jobs.cs", "            _jobs.Remove(job.Id);\n", "\n")),
        new("queue-leak", "a stopping job leaves its tasks in the queues",
            new Edit($"{Core}.cs", "case Message.Withdraw m: Withdraw(m.Job); break;", "case Message.Withdraw: break;"),
            new Edit($"{Core}.Jobs.cs", "            Withdraw(job.Id);\n", "\n")),
        new("open-for-ever", "a task that has ended is listed as open",
            new Edit(
                $"{Core}.Tasks.cs", "_batch.SetOpen(task.Stream, task.State.IsOpen);",
                "_batch.SetOpen(task.Stream, true);")),
        new("broken-chain", "an event is hashed without the one before",
            new Edit($"{Core}.Tasks.cs", "EventCodec.Encode(task.Stream, task.Head, e,",
                "EventCodec.Encode(task.Stream, new StreamHead(task.Head.Version, default), e,")),
        new("agent-outlives-lease", "an agent goes on when its lease has run out by its own clock",
            new Edit("src/Agent.Sdk/Core/AgentCore.Heartbeats.cs", "case LeaseStage.Running when lease.LossAt <= _now:",
                "case LeaseStage.Running when lease.LossAt <= _now && _now < TimeSpan.Zero:")) { SeedsMax = 10_000 },
        new("agent-turns-round", "an agent's heartbeat for leases that ended stays due (found by seed 4)",
            new Edit("src/Agent.Sdk/Core/AgentCore.Heartbeats.cs",
                "            _beatDueAt = TimeSpan.MaxValue; // What was due", "            // What was due")),
        new("checkpoint-too-early", "a checkpoint says where the job stood before the events that come with it",
            new Edit(Checkpoints, "CheckpointOf(next, now)", "CheckpointOf(state, now)")),
        new("checkpoint-without-runs", "a job that is read from a checkpoint takes every task for in its first run",
            new Edit(Checkpoints, "Runs = runs.ToImmutable(),", "Runs = @sealed.Runs,")),
        new("checkpoint-without-waiting", "a job that is read from a checkpoint takes what failed for what succeeded",
            new Edit(Checkpoints, "status[dependency] == JobTaskStatus.Succeeded ? 0 : 1",
                "status[dependency] >= JobTaskStatus.Succeeded ? 0 : 1")) { SeedsMax = 20_000 },
    ];

    /// <summary>What HTTP callers send and hear, between JSON and the domain.</summary>
    private static Sabotage[] OfApi =>
    [
        new("lease-length-dropped", "the API does not read how long a task's lease lasts",
            new Edit($"{Api}/Jobs/JobMapping.cs", "LeaseLength = ToTime(task.LeaseSeconds),", "LeaseLength = null,")),
        new("wrong-lease-renewed", "the API takes a heartbeat for that of the next task",
            new Edit($"{Api}/Work/WorkMapping.cs", "Read.Task(held.Job, held.Index)",
                "Read.Task(held.Job, held.Index + 1)")),
        new("token-cut", "the API reads half of a token",
            new Edit($"{Api}/Work/WorkMapping.cs", "result.Token, ToSettlement(result, i)",
                "(int)result.Token, ToSettlement(result, i)")),
        new("cancel-as-lost", "the API says of a lease whose task is to stop that it is lost",
            new Edit($"{Api}/Work/WorkMapping.cs", "LeaseAnswer.CancelRequested => cancelRequested,",
                "LeaseAnswer.CancelRequested => lost,")),
        new("unknown-member-ignored", "the API reads over what it does not know",
            new Edit("src/Contracts/Json/ContractsJson.cs",
                "UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,",
                "UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,")),
    ];
}
