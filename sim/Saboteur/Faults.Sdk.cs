namespace Elasticity.Saboteur;

internal static partial class Faults
{
    /// <summary>In the core of the SDK's agent.</summary>
    private static Sabotage[] OfSdk =>
    [
        new("drain-keeps-waiting", "an agent that drains does not give back the tasks that wait for a slot",
            new Edit(
                $"{Sdk}.Stopping.cs", "            GiveBackWaiting();\n        }\n\n        _stop = level;",
                "            _queue.Clear();\n        }\n\n        _stop = level;")),
        new("drain-hurries", "an agent that drains asks its handlers to stop at once",
            new Edit(
                $"{Sdk}.Stopping.cs", "_stopHandlersAt = _now + _options.DrainTimeout;", "_stopHandlersAt = _now;")),
        new("drain-waits-for-ever", "an agent that drains never asks its handlers to stop",
            new Edit(
                $"{Sdk}.Stopping.cs", "            StopHandlers();\n",
                "            _giveBackAt = TimeSpan.MaxValue;\n")),
        new("drain-waits-for-the-stubborn", "an agent that drains waits for handlers that do not heed being stopped",
            new Edit($"{Sdk}.Stopping.cs", "            GiveBackRunning();\n", "\n")),
        new("drain-has-no-end", "an agent that drains goes on until all of its results are told",
            new Edit(
                $"{Sdk}.Stopping.cs",
                "_endAt = _stopHandlersAt + _options.CancelGrace + _options.CloseTimeout;",
                "_endAt = TimeSpan.MaxValue;")),
        new("give-up-puts-off-the-end", "an agent that drains, and then is told to give up, takes longer",
            new Edit(
                $"{Sdk}.Stopping.cs", "_endAt = Min(_endAt, _now + _options.CloseTimeout);\n            Drop",
                "_endAt = _now + _options.CloseTimeout;\n            Drop")),
        new("finished-not-kept", "an agent does not keep a lease alive whose result is on its way",
            new Edit(
                $"{Sdk}.Heartbeats.cs",
                "LeaseStage.Finished => lease.IsNamed || lease.Result!.Outcome != OutcomeWord.GivenBack,",
                "LeaseStage.Finished => false,")),
        new("given-back-not-kept", "an agent lets a lease run out that it is giving back",
            new Edit(
                $"{Sdk}.Heartbeats.cs", "LeaseStage.Finished => lease.IsNamed || ", "LeaseStage.Finished => ")),
        new("beat-waits-too-long", "a heartbeat that failed is sent again when the leases of then allow",
            new Edit(
                $"{Sdk}.Heartbeats.cs", "        _beatNotBefore = Min(_beatNotBefore, _beatFailedAt + RetryShare);\n",
                "\n")) { SeedsMax = 10_000 },
        new("beat-not-woken-for", "an agent does not wake up for its heartbeats",
            new Edit($"{Sdk}.cs", "Min(wake, Min(NextBeatAt, NextPollAt))", "Min(wake, NextPollAt)")),
        new("cancel-not-passed-on", "an agent does not tell its handler that its task is to be cancelled",
            new Edit(
                $"{Sdk}.Heartbeats.cs", "            Stop(lease, StopReason.Cancelled);\n",
                "            lease.IsUnconfirmed = false;\n")),
        new("progress-overtaken", "what a handler says while a heartbeat is under way is forgotten",
            new Edit(
                $"{Sdk}.Heartbeats.cs", "if (ReferenceEquals(lease.Progress, request.Progress[i]))",
                "if (lease.Progress is not null)")),
        new("session-left-open", "an agent that ends does not close its session",
            new Edit($"{Sdk}.Stopping.cs", "            CloseSession();\n        }\n\n        if (_endAt",
                "            _mayBeOpen = false;\n        }\n\n        if (_endAt")),
        new("give-up-in-silence", "an agent that gives up does not ask its handlers to stop",
            new Edit($"{Sdk}.Stopping.cs", "_stopHandlersAt = _giveBackAt = _now;", "_giveBackAt = _now;")),
        new("confirmed-by-the-answer", "a lease counts from the answer to a heartbeat, and not from its sending",
            new Edit(
                $"{Sdk}.Heartbeats.cs", "lease.ConfirmedAt = Max(lease.ConfirmedAt, request.SentAt);",
                "lease.ConfirmedAt = _now;")),
        new("leases-taken-for-longer", "an agent takes leases for longer than they last",
            new Edit("src/Agent.Sdk/Core/AgentLease.cs", "SafeShare = 0.95", "SafeShare = 1.5")),
        new("beat-holds-up", "a heartbeat that hangs holds up the next one, whatever lease came since",
            new Edit(
                $"{Sdk}.Heartbeats.cs", "beat.TimeoutAt = Min(beat.TimeoutAt, beat.SentAt + BeatTimeout);",
                "beat.TimeoutAt = Max(beat.TimeoutAt, beat.SentAt);")),
    ];
}
