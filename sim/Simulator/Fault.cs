namespace Elasticity.Simulator;

/// <summary>What can go wrong. The rate of each is drawn from the seed: a probability each time, or how many come in a
/// minute.</summary>
internal enum Fault
{
    /// <summary>An append takes seconds.</summary>
    StoreSlow,

    /// <summary>An append fails and wrote nothing.</summary>
    StoreFails,

    /// <summary>The store takes nothing for a while. Per minute.</summary>
    StoreFull,

    /// <summary>An append fails with an unknown outcome, and is in the store.</summary>
    StoreUnknownWritten,

    /// <summary>An append fails with an unknown outcome, and is not in the store.</summary>
    StoreUnknownLost,

    /// <summary>An append fails with an unknown outcome, and would come into the store later.</summary>
    StoreUnknownLate,

    /// <summary>A read fails.</summary>
    StoreReadFails,

    RequestLost,
    RequestDelayed,
    RequestTwice,
    AnswerLost,
    AnswerDelayed,
    AnswerTwice,

    /// <summary>An agent dies and comes back as a new session. Per minute and agent.</summary>
    AgentCrashes,

    /// <summary>An agent stands still for a while and then goes on as if nothing had been. Per minute and
    /// agent.</summary>
    AgentHangs,

    /// <summary>An agent ends its session. Per minute and agent.</summary>
    AgentCloses,

    /// <summary>An agent drains, gives back and closes. Per minute and agent.</summary>
    AgentDrains,

    /// <summary>An agent forgets a lease: no heartbeat, no result.</summary>
    LeaseForgotten,

    /// <summary>An agent reports a result twice, the second time perhaps another one.</summary>
    SettledTwice,

    /// <summary>An agent reports long after it stopped to renew the lease.</summary>
    SettledLate,

    /// <summary>An agent reports under a token that it does not hold.</summary>
    TokenLie,

    /// <summary>An agent is told that a lease is lost or to stop, and goes on all the same.</summary>
    Stubborn,

    /// <summary>A handler fails.</summary>
    HandlerFails,

    /// <summary>A handler says that trying again is pointless.</summary>
    HandlerFailsFinally,

    /// <summary>The engine's process is killed. Per minute and process.</summary>
    EngineKilled,

    /// <summary>The engine's process is stopped in order and started again. Per minute and process.</summary>
    EngineStopped,

    /// <summary>The engine's process stands still. Per minute and process.</summary>
    EngineFrozen,

    /// <summary>The wall clock of the engine's machine is set. Per minute and process.</summary>
    WallClockJumps,

    /// <summary>The clocks of a machine run too fast or too slow; the rate is the most by which.</summary>
    ClockDrifts,

    /// <summary>A client submits the same job again.</summary>
    SubmitRepeated,

    /// <summary>A client breaks off its submit and takes it up later.</summary>
    SubmitBroken,

    /// <summary>Another job under an id that is taken.</summary>
    SubmitClashes,

    /// <summary>A submit that must be refused.</summary>
    SubmitWrong,

    /// <summary>Somebody cancels. Per minute.</summary>
    JobCancelled,

    /// <summary>Somebody pauses, and resumes later. Per minute.</summary>
    JobPaused,

    /// <summary>Somebody redrives. Per minute.</summary>
    JobRedriven,

    /// <summary>Somebody trims. Per minute.</summary>
    JobTrimmed,

    /// <summary>A task silences every agent that executes it, after its first heartbeats.</summary>
    TaskPoisonous,

    // Those of the cluster come last: a world without them is drawn as it was before there were any.

    /// <summary>A call between grains never arrives.</summary>
    GrainCallLost,

    /// <summary>A call between grains takes seconds, and others overtake it.</summary>
    GrainCallDelayed,

    /// <summary>A call between grains is carried out twice, the second time perhaps much later.</summary>
    GrainCallTwice,

    /// <summary>A call between grains is carried out, and its answer never arrives.</summary>
    GrainAnswerLost,

    /// <summary>A grain comes up a second time beside the first, and for some seconds both are called.</summary>
    GrainDoubled,

    /// <summary>A grain forgets what it had in memory and comes up elsewhere, a queue among them. Per minute.</summary>
    GrainMoves,

    /// <summary>Whoever delivers what follows from an answer dies half-way, at any of its calls.</summary>
    CourierDies,

    /// <summary>A call between grains fails at once and is not carried out, as when its silo is just going
    /// down.</summary>
    GrainCallRefused,

    /// <summary>A silo takes all others for dead for a while: whatever it calls comes up in itself, beside what the
    /// others go on calling. When it hears that they live, one of each two stays. Per minute and silo.</summary>
    SiloSplit,

    /// <summary>Somebody who watches jobs redrives what was given up within moments, while letters about the run before
    /// are still under way; and more handlers fail for good. For each look at a job.</summary>
    GivenUpRedriven,

    /// <summary>Somebody trims jobs within moments of their end, while letters about them are still under way. For each
    /// look at a job.</summary>
    EndedTrimmed,

    // Of every engine again; last, so that the worlds drawn before it was here stay as they are.

    /// <summary>Somebody outside writes bad JSON, before the question as it is meant.</summary>
    RequestBroken,

    // Only in the worlds that may be drawn anew: see Plan.IsYoung.

    /// <summary>What the embedded engine asks its store for comes seconds later.</summary>
    LoadSlow,

    /// <summary>An agent reports on a task that it never heard of, of a job that may not be there yet. Per minute and
    /// agent.</summary>
    ReportUnheard,

    // Only in the newest worlds: see Plan.IsNewest.

    /// <summary>A task ends the session of every agent that is given it, at once; some report on it from the
    /// next.</summary>
    TaskDeadly,

    /// <summary>Somebody looks at a job of the embedded engine. Per minute.</summary>
    JobLookedAt,

    /// <summary>Somebody has payloads of a job erased. Per minute.</summary>
    PayloadsErased,

    /// <summary>Somebody who watches jobs redrives some of several tasks that were given up or cancelled, one by one,
    /// within moments. For each look at a job.</summary>
    OneRedriven,

    /// <summary>A former session of an agent asks for something, as a process does that was forgotten somewhere. Per
    /// minute and agent.</summary>
    FormerAsks,

    /// <summary>A handler of an agent that drains takes a minute more, and does not heed being stopped.</summary>
    HandlerDeaf,
}
