namespace Elasticity.Saboteur;

/// <summary>The list. A test holds the texts against the code, so that it cannot go stale unseen.</summary>
internal static partial class Faults
{
    private const string Task = "src/Domain/Tasks/TaskDecider.cs";
    private const string Job = "src/Domain/Jobs/JobDecider.cs";
    private const string Checkpoints = "src/Domain/Jobs/JobDecider.Checkpoints.cs";
    private const string JobFold = "src/Domain/Jobs/JobDecider.Evolve.cs";
    private const string Agent = "src/Domain/Agents/AgentDecider.cs";
    private const string Book = "src/Domain/Leases/LeaseBook.cs";
    private const string Queue = "src/Domain/Queues/ReadyQueue.cs";
    private const string Leasing = $"{Core}.Leasing.cs";
    private const string Sdk = "src/Agent.Sdk/Core/AgentCore";
    private const string Core = "src/Engine.Embedded/Core/EngineCore";
    private const string Api = "src/Api";
    private const string World = "sim/Simulator/World";
    private const string OfferTaken = "QueueOf(offer.Kind).Ready.Add(offer, _now.Utc);";

    public static readonly Sabotage[] All =
    [
        new("answer-before-durable", "answers go out before the append",
            new Edit(
                $"{World}/SimPump.cs", "LastBatch = _process.NewId();",
                "LastBatch = _process.NewId(); Release(batch);"),
            new Edit($"{World}/SimPump.cs", "case AppendResult.Appended: ReleaseOnce(batch); break;",
                "case AppendResult.Appended: break;")),
        new("unknown-outcome-forgotten", "an append whose outcome is unknown is not resolved before the log is read",
            new Edit(
                $"{World}/EngineProcess.cs", "if (_lastBatch != Guid.Empty && _flaw != Flaw.ForgetsUnknownOutcome)",
                "if (_lastBatch == new Guid(1, 2, 3, new byte[8]))")),
        new("no-fence", "a former owner of a shared store can still write",
            new Edit(
                $"{World}/Disk.cs",
                "            return new AppendResult.Fenced(_owner);\n        }\n\n        _renewedAt",
                "        }\n\n        _renewedAt")),
        new("former-owner-answers", "an engine that stood still answers without asking whether it still owns the store",
            new Edit($"{World}/SimPump.cs", "if (!_store.IsShared || ", "if (_store is not null || ")),
        new("unowned-while-reading", "an engine does not renew its ownership while it reads the log",
            new Edit($"{World}/EngineProcess.cs", "Renew(_pump); // While", "// While"),
            new Edit($"{World}/EngineProcess.cs", "Serving = pump;", "Serving = pump; Renew(pump);")),
        new("lost-reaction", "a task that failed is not offered again",
            new Edit(Task, "return TaskDecision.Accept(failed).Tell(OfferAgain(id, Evolve(state, failed)));",
                "return TaskDecision.Accept(failed);")),
        new("lost-recovery", "a restart forgets the tasks that wait for their next attempt",
            new Edit(
                $"{Core}.Restoring.cs", "is { } message)", "is { } message && task.State.Phase == TaskPhase.Leased)")),
        new("lost-wake-up", "a resumed job does not get its place in the queue back",
            new Edit(Queue, "else\n            {\n                backlog.Turn = _turns.AddLast(backlog);",
                "else if (backlog.Count < 0)\n            {\n                backlog.Turn = _turns.AddLast(backlog);")),
        new("no-token-check", "a settlement counts under any token",
            new Edit(
                Task, "state.Phase == TaskPhase.Leased && state.Token == token;", "state.Phase == TaskPhase.Leased;")),
        new("no-holder-check", "anybody may settle a lease who knows its token",
            new Edit(Task, "|| state.Lease!.Holder != c.Holder)", "|| state.Lease is null)")),
        new("double-offer", "a task is put into its queue twice",
            new Edit($"{Core}.Tasks.cs", OfferTaken, OfferTaken + OfferTaken)),
        new("double-lease", "an offer that came twice leases twice",
            new Edit($"{Core}.Tasks.cs", OfferTaken, OfferTaken + OfferTaken),
            new Edit(
                Task, "return TaskDecision.Reject(NotReady, $\"Task {id} is leased under token {state.Token}.\");",
                "break;")),
        new("stale-load", "what a task was when somebody asked takes the place of what it became (found by seed 1064)",
            new Edit($"{Core}.Loading.cs", "=> !IsLoading(id)\n        && ", "=> ")) { SeedsMax = 20_000 },
        new("trim-overtakes-report", "a job is trimmed while a report waits for its task (found by seed 1795184403628)",
            new Edit($"{Core}.Trimming.cs", "if (_parked.Keys", "if (job.Id.Value.Length > 200 && _parked.Keys"))
            { SeedsMax = 20_000 },
        new("expires-early", "a lease ends after nine tenths of its length",
            new Edit(Book, "Deadline = now + watch.Length,", "Deadline = now + (watch.Length * 0.9),")),
        new("beat-in-vain", "a heartbeat does not extend a lease",
            new Edit(Book, "        entry.Deadline = now + entry.Length;\n", "\n")),
        new("no-grace-at-start", "a restarted engine gives no grace",
            new Edit(Book, "Deadline = now + watch.Length,", "Deadline = isRestored ? now : now + watch.Length,")),
        new("no-grace-after-freeze", "an engine that stood still gives no grace",
            new Edit($"{Core}.cs", "            _leases.GiveGrace(now.Monotonic);\n", "\n")),
        new("expired-as-lost", "a lease that expired counts as lost",
            new Edit(
                Book, "new DueLease(next.Task, next.Token, entry.IsConfirmed)",
                "new DueLease(next.Task, next.Token, false)")),
        new("poison-off-by-one", "a task is dead-lettered after six expired leases, not five",
            new Edit(Task, "{ LeasesExpired: >= TaskTerms.ExpiredMax }", "{ LeasesExpired: > TaskTerms.ExpiredMax }"))
            { SeedsMax = 10_000 },
        new("attempts-off-by-one", "a task is tried once more than allowed",
            new Edit(Task, "attempts >= retry.AttemptsMax", "attempts > retry.AttemptsMax")),
        new("back-off-off-by-one", "the first back-off is multiplied already",
            new Edit("src/Domain/Tasks/RetryPolicy.cs", "Math.Pow(Factor, attempt - 1)", "Math.Pow(Factor, attempt)")),
        new("not-before-ignored", "a task is leased before its time",
            new Edit(Queue, "if (offer.NotBefore > now)", "if (offer.NotBefore > now.AddYears(9))")),
        new("dependency-off-by-one", "a task is released when all but one of its dependencies have succeeded",
            new Edit(JobFold, ": unmet![dependent] == 0 ?", ": unmet![dependent] <= 1 ?")),
        .. Steering,
        .. Submits,
        .. Sessions,
        .. Plain,
        .. OfReaders,
        .. More,
        .. OfSdk,
        .. OfTurns,
        .. Behind,
        .. OfCluster,
        .. OfQuietCluster,
        .. OfDesk,
        .. OfApi,
    ];
}
