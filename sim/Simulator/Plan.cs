using System.Globalization;
using System.Text;
using Elasticity.Domain;
using Elasticity.Engine.Embedded;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.Cluster;

namespace Elasticity.Simulator;

/// <summary>Everything that a seed decides before anything happens. Printed whole when the seed fails.</summary>
internal sealed partial record Plan
{
    /// <summary>Where days pass, seconds of absence become minutes.</summary>
    private const int LongerBy = 120;

    /// <summary>Which share of tasks is given up at once, at least, where what was given up is redriven.</summary>
    private const double FinalMin = 0.2;

    /// <summary>Which share of loads takes seconds, at least, where agents report on tasks of jobs that are not there
    /// yet: a job is opened, and its tasks end, while such a load is under way.</summary>
    private const double SlowMin = 0.8;

    private readonly double[] _rates = new double[Enum.GetValues<Fault>().Length];

    public required ulong Seed { get; init; }

    /// <summary>Which engine runs.</summary>
    public required EngineKind Kind { get; init; }

    /// <summary>Silos of the cluster; 0 for the embedded engine.</summary>
    public required int Silos { get; init; }

    /// <summary>Days pass instead of minutes: faults are rare, tasks wait and run for hours, sessions live for
    /// weeks.</summary>
    public required bool IsLong { get; init; }

    /// <summary>What is wrong on purpose.</summary>
    public required Flaw Flaw { get; init; }

    public bool IsCluster => Kind == EngineKind.Cluster;

    /// <summary>Two processes share the store and one owns it (PostgreSQL); otherwise one process has it alone
    /// (SQLite).</summary>
    public required bool IsShared { get; init; }

    public required int Jobs { get; init; }

    /// <summary>The most tasks of one job.</summary>
    public required int TasksMax { get; init; }

    public required int PayloadBytesMax { get; init; }

    public required int Agents { get; init; }

    /// <summary>Of them, those that live in the engine's own process.</summary>
    public required int AgentsInProcess { get; init; }

    /// <summary>The share of the other agents that are the core of the SDK; the rest is made to misbehave.</summary>
    public required double SdkShare { get; init; }

    public required int SlotsMax { get; init; }

    public required int Kinds { get; init; }

    /// <summary>How long a task takes at most, unless something is wrong with its agent.</summary>
    public required TimeSpan WorkMax { get; init; }

    /// <summary>How long an engine reads before it serves.</summary>
    public required TimeSpan Recovery { get; init; }

    /// <summary>How long faults rage.</summary>
    public required TimeSpan Rage { get; init; }

    public required EngineOptions Engine { get; init; }

    /// <summary>How much silos do at once and remember.</summary>
    public required Bounds Bounds { get; init; }

    /// <summary>How often agents and queues of a cluster look at the clock. Over days a quarter of a second would be
    /// looks and nothing else.</summary>
    public TimeSpan GrainTick => IsLong ? TimeSpan.FromMinutes(1) : TimeSpan.FromMilliseconds(250);

    /// <summary>How often a supervisor sweeps.</summary>
    public TimeSpan Sweep => IsLong ? TimeSpan.FromMinutes(20) : TimeSpan.FromSeconds(10);

    /// <summary>The most events of a stream that the store gives at once.</summary>
    public int PageMax => Engine.Core.Limits.EventsPerCheckpointMin;

    /// <summary>Whether the store may take seconds to answer.</summary>
    public bool IsStoreSlow => RateOf(Fault.StoreSlow) > 0 || RateOf(Fault.LoadSlow) > 0;

    /// <summary>Whether answers of the embedded engine do not wait for its store.</summary>
    public bool IsQuick => !IsCluster && !IsStoreSlow && Engine.BatchEventsMax >= 20_000;

    /// <summary>How often reminders come.</summary>
    public TimeSpan Reminder => IsLong ? TimeSpan.FromHours(2) : TimeSpan.FromMinutes(1);

    /// <summary>Whether silos stay up, their clocks are right, and what they say to each other and to the store arrives
    /// at once: there is no excuse for what comes late.</summary>
    public bool IsQuietCluster => IsCluster && Enum.GetValues<Fault>().All(f => !Disturbs(f) || RateOf(f) == 0);

    /// <summary>Whether it is one of the newest worlds.</summary>
    public bool IsNewest => IsNew(Seed);

    /// <summary>How long somebody is away: longer where days pass.</summary>
    public TimeSpan Stretch(TimeSpan time) => IsLong ? time * LongerBy : time;

    public double RateOf(Fault fault) => _rates[(int)fault];

    /// <summary>Draws a plan.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="without">Faults that are left out; everything else stays as drawn.</param>
    /// <param name="most">How large the world is at most; null leaves it as drawn.</param>
    /// <param name="choice">What is not left to the seed.</param>
    public static Plan Draw(ulong seed, IReadOnlyCollection<Fault> without, Most? most = null, Choice choice = default)
    {
        Chance shape = Chance.Of(seed, "shape");
        EngineKind drawn = shape.Is(0.5) ? EngineKind.Cluster : EngineKind.Embedded;
        EngineKind kind = choice.Kind ?? drawn;
        int silos = shape.Int(1, 3);
        bool isDrawnLong = shape.Is(0.02);
        bool isLong = choice.IsLong ?? isDrawnLong;
        Chance chance = Chance.Of(seed, "plan");
        bool isShared = chance.Is(0.4) && kind == EngineKind.Embedded;
        int agents = chance.Int(1, 5);
        Plan plan = new()
        {
            Seed = seed,
            Kind = kind,
            IsLong = isLong,
            Flaw = choice.Flaw,
            Silos = kind == EngineKind.Cluster ? silos : 0,
            IsShared = isShared,
            Jobs = chance.Int(1, 6),
            TasksMax = (int)chance.Magnitude(2, 60),
            PayloadBytesMax = chance.Is(0.2) ? 6_000 : 40,
            Agents = agents,
            AgentsInProcess = !isShared && chance.Is(0.3) && kind == EngineKind.Embedded ? chance.Int(1, agents) : 0,
            SdkShare = chance.Is(0.2) ? 0 : chance.Is(0.3) ? 1 : chance.Unit(),
            SlotsMax = chance.Int(1, 8),
            Kinds = chance.Int(1, 3),
            WorkMax = TimeSpan.FromSeconds(chance.Magnitude(0.05, 20)),
            Rage = TimeSpan.FromSeconds(chance.Magnitude(5, 180)),
            Recovery = TimeSpan.FromSeconds(chance.Is(0.7) ? 0.05 : chance.Magnitude(0.05, 12)),
            Engine = DrawEngine(chance, EventsPerCheckpoint(seed), Few(seed, "waiting", 3), Few(seed, "live", 2)),
            Bounds = Bounds.Draw(Chance.Of(seed, "bounds")),
        };

        plan.DrawRates(chance, without);
        plan = plan.IsNewest ? plan.Themed(without) : plan;
        plan = isLong ? plan.Stretched(shape) : plan;
        return most is null ? plan : plan with
        {
            Jobs = Math.Min(plan.Jobs, most.Jobs),
            TasksMax = Math.Min(plan.TasksMax, most.Tasks),
            Agents = Math.Min(plan.Agents, most.Agents),
            AgentsInProcess = Math.Min(plan.AgentsInProcess, most.Agents),
            Rage = plan.Rage < most.Rage ? plan.Rage : most.Rage,
        };
    }

    /// <summary>Every option, one a line.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        CultureInfo c = CultureInfo.InvariantCulture;
        text.AppendLine(c, $"  seed {Seed}");
        string engines = IsCluster ? $"cluster of {Silos} silos"
            : IsShared ? "two engines that share a store" : "one engine";
        text.AppendLine(c, $"  {engines}{(IsLong ? ", over days" : string.Empty)}");
        text.AppendLine(c, $"  jobs {Jobs}, tasks max {TasksMax}, payload bytes max {PayloadBytesMax}, kinds {Kinds}");
        text.AppendLine(
            c, $"  agents {Agents} ({AgentsInProcess} in process, SDK {SdkShare:0.##}), "
                + $"slots max {SlotsMax}, work max {WorkMax}");
        text.AppendLine(c, $"  rage {Rage}, recovery {Recovery}");
        CoreOptions core = Engine.Core;
        text.AppendLine(
            c,
            $"  chunk tasks {core.Limits.TasksPerChunkMax}, chunk bytes {core.Limits.ChunkBytesMax}, "
            + $"cache {core.ChunkCacheBytesMax}, sweep step {core.TasksPerSweepStep}, "
            + $"leases a session {core.Limits.LeasesPerSessionMax}, "
            + $"events a checkpoint {core.Limits.EventsPerCheckpointMin}");
        text.AppendLine(
            c,
            $"  waiting {core.WaitingRequestsMax}, agents {core.AgentsMax}, open jobs {core.OpenJobsMax}, "
            + $"silence {core.SessionSilenceMax}, batch events {Engine.BatchEventsMax}, inbox {Engine.InboxMax}");
        if (IsCluster)
        {
            text.AppendLine(c, $"  {Bounds}");
        }

        foreach (Fault fault in Enum.GetValues<Fault>().Where(f => RateOf(f) > 0))
        {
            text.AppendLine(c, $"  {fault} {RateOf(fault):0.####}");
        }

        return text.ToString();
    }

    private void DrawRates(Chance chance, IReadOnlyCollection<Fault> without)
    {
        // A third of all faults at a time: a world in which everything breaks at once gets nowhere.
        double share = chance.Is(0.05) ? 0 : chance.Unit() * 0.7;
        bool isQuiet = IsNewest && IsCluster && Chance.Of(Seed, "quiet").Is(0.5);
        foreach (Fault fault in Enum.GetValues<Fault>())
        {
            (double min, double max) = Range(fault);
            double rate = chance.Magnitude(min, max);
            bool happens = chance.Is(share) && !without.Contains(fault)
                && (IsCluster ? fault != Fault.JobLookedAt : fault is < Fault.GrainCallLost or >= Fault.RequestBroken)
                && (fault <= Fault.RequestBroken || IsYoung(Seed))
                && (fault <= Fault.ReportUnheard || IsNewest);
            _rates[(int)fault] = happens && !(isQuiet && Disturbs(fault)) ? rate : 0;
            if (isQuiet && Steers(fault) && !without.Contains(fault))
            {
                _rates[(int)fault] = rate; // There is nothing else to see in such a world.
            }
        }

        bool areRedriven = RateOf(Fault.GivenUpRedriven) > 0 || RateOf(Fault.OneRedriven) > 0;
        if (areRedriven && !without.Contains(Fault.HandlerFailsFinally))
        {
            // In most worlds nothing is given up.
            _rates[(int)Fault.HandlerFailsFinally] = Math.Max(FinalMin, RateOf(Fault.HandlerFailsFinally));
        }

        if (RateOf(Fault.ReportUnheard) > 0 && !without.Contains(Fault.LoadSlow))
        {
            _rates[(int)Fault.LoadSlow] = Math.Max(SlowMin, RateOf(Fault.LoadSlow));
        }
    }

    /// <summary>The same world over days: what comes so many times a minute comes as often a day.</summary>
    private Plan Stretched(Chance shape)
    {
        const double PerDay = 1.0 / (24 * 60);
        Plan longer = this with
        {
            Jobs = Math.Min(Jobs, 4),
            TasksMax = Math.Min(TasksMax, 12),
            Agents = Math.Min(Agents, 3),
            AgentsInProcess = Math.Min(AgentsInProcess, 3),
            WorkMax = TimeSpan.FromMinutes(shape.Magnitude(0.1, 6 * 60)),
            Rage = TimeSpan.FromDays(shape.Magnitude(1, 40)),
            Engine = Engine with
            {
                Core = Engine.Core with
                {
                    TickInterval = TimeSpan.FromSeconds(10), SessionSilenceMax = TimeSpan.FromMinutes(10),
                },
            },
        };
        foreach (Fault fault in Enum.GetValues<Fault>())
        {
            longer._rates[(int)fault] *= IsPerMinute(fault) ? PerDay : 1;
        }

        return longer;
    }

    private static bool IsPerMinute(Fault fault) => fault is Fault.StoreFull or Fault.AgentCrashes or Fault.AgentHangs
        or Fault.AgentCloses or Fault.AgentDrains or Fault.EngineKilled or Fault.EngineStopped or Fault.EngineFrozen
        or Fault.WallClockJumps or Fault.JobCancelled or Fault.JobPaused or Fault.JobRedriven or Fault.JobTrimmed
        or Fault.GrainMoves or Fault.SiloSplit or Fault.ReportUnheard
        or Fault.JobLookedAt or Fault.PayloadsErased or Fault.FormerAsks;

    /// <summary>Six worlds of 23 have what the simulator has learnt since 2026-11-26. Not the others: the worlds that
    /// had found something by then are among them, and are to go as they went.</summary>
    private static bool IsYoung(ulong seed) => seed % 23 is 10 or 11 or 22 || IsNew(seed);

    /// <summary>Whether it may make silos, what they say or what they store late.</summary>
    private static bool Disturbs(Fault fault) => fault is (>= Fault.StoreSlow and <= Fault.StoreReadFails)
        or (>= Fault.EngineKilled and <= Fault.ClockDrifts) or (>= Fault.GrainCallLost and <= Fault.SiloSplit);

    private static bool Steers(Fault fault) => fault is Fault.JobCancelled or Fault.JobPaused or Fault.JobRedriven;

    /// <summary>Three of these have what it has learnt since 2026-11-27, for the same reason.</summary>
    private static bool IsNew(ulong seed) => seed % 23 is 5 or 9 or 16;

    /// <summary>In some of the newest worlds so few requests may wait for tasks, or so few agents be live, that agents
    /// meet that bound.</summary>
    private static int? Few(ulong seed, string what, int most) =>
        IsNew(seed) && Chance.Of(seed, what) is var chance && chance.Is(0.3) ? chance.Int(1, most) : null;

    /// <summary>In young worlds jobs write down where they stand every few events, and reads of streams come in short
    /// pages, so that what is read begins at a checkpoint.</summary>
    private static int? EventsPerCheckpoint(ulong seed) =>
        IsYoung(seed) ? Chance.Of(seed, "checkpoints").Int(1, 8) : null;

    private static EngineOptions DrawEngine(
        Chance chance, int? eventsPerCheckpoint, int? waitingRequests, int? liveAgents) => new()
    {
        Core = new CoreOptions
        {
            Limits = new Limits
            {
                TasksPerChunkMax = chance.Is(0.5) ? 1_000 : chance.Int(1, 10),
                ChunkBytesMax = chance.Is(0.5) ? 1024 * 1024 : chance.Int(1, 20_000),
                LeasesPerSessionMax = chance.Is(0.8) ? 10_000 : chance.Int(1, 5),
                EventsPerCheckpointMin = eventsPerCheckpoint ?? Limits.Default.EventsPerCheckpointMin,
            },
            ChunkCacheBytesMax = chance.Is(0.5) ? 64L * 1024 * 1024 : chance.Int(0, 60_000),
            TasksPerSweepStep = chance.Is(0.5) ? 1_000 : chance.Int(1, 10),
            SessionSilenceMax = chance.Is(0.5) ? TimeSpan.FromMinutes(10) : chance.Seconds(5, 60),
            WaitingRequestsMax = Or(waitingRequests, chance.Is(0.9) ? 10_000 : chance.Int(5, 8)),
            AgentsMax = Or(liveAgents, chance.Is(0.95) ? 10_000 : chance.Int(5, 8)),
            OpenJobsMax = chance.Is(0.9) ? 1_000_000 : chance.Int(1, 4),
        },
        BatchEventsMax = chance.Is(0.7) ? 20_000 : chance.Int(1, 20),
        InboxMax = chance.Is(0.9) ? 20_000 : chance.Int(2, 10),
    };

    /// <summary>Both are drawn, so that a world that takes the one is otherwise as with the other.</summary>
    private static int Or(int? few, int drawn) => few ?? drawn;

    /// <summary>Between which rates a fault is drawn.</summary>
    private static (double Min, double Max) Range(Fault fault) => fault switch
    {
        Fault.StoreSlow => (0.001, 0.2),
        Fault.StoreFails or Fault.StoreUnknownWritten or Fault.StoreUnknownLost or Fault.StoreUnknownLate =>
            (0.001, 0.05),
        Fault.StoreReadFails => (0.001, 0.05),
        Fault.StoreFull => (0.2, 3),
        Fault.AgentCrashes or Fault.AgentHangs => (0.2, 10),
        Fault.AgentCloses or Fault.AgentDrains => (0.2, 4),
        Fault.EngineKilled or Fault.EngineFrozen => (0.2, 12),
        Fault.EngineStopped or Fault.WallClockJumps => (0.2, 4),
        Fault.ClockDrifts => (0.001, 0.1),
        Fault.HandlerFails => (0.01, 0.8),
        Fault.HandlerFailsFinally => (0.01, 0.3),
        Fault.JobCancelled => (0.2, 4),
        Fault.JobPaused or Fault.JobRedriven or Fault.JobTrimmed => (0.2, 10),
        Fault.GrainCallLost or Fault.GrainAnswerLost or Fault.GrainCallTwice or Fault.GrainCallDelayed
            or Fault.GrainCallRefused => (0.001, 0.1),
        Fault.GrainDoubled or Fault.CourierDies => (0.0005, 0.05),
        Fault.GrainMoves => (1, 60),
        Fault.SiloSplit => (0.2, 6),
        Fault.GivenUpRedriven or Fault.EndedTrimmed or Fault.OneRedriven => (0.1, 0.9),
        Fault.LoadSlow => (0.05, 0.9),
        Fault.ReportUnheard => (20, 600),
        Fault.TaskDeadly => (0.05, 0.9),
        Fault.JobLookedAt => (10, 300),
        Fault.FormerAsks => (6, 60),
        Fault.HandlerDeaf => (0.1, 0.9),
        Fault.PayloadsErased => (1, 30),
        Fault.SubmitRepeated or Fault.SubmitBroken or Fault.SubmitClashes or Fault.SubmitWrong => (0.1, 0.9),
        _ => (0.005, 0.3),
    };
}

/// <summary>Which engine is simulated.</summary>
internal enum EngineKind
{
    /// <summary>The core of the embedded engine.</summary>
    Embedded,

    /// <summary>Grains in silos: the same domain, one aggregate at a time, with messages between them.</summary>
    Cluster,
}

/// <summary>A fault of the engine that is put in on purpose, to see what becomes of a seed that fails.</summary>
internal enum Flaw
{
    None,

    /// <summary>Answers go out before what they tell is durable.</summary>
    AnswersEarly,

    /// <summary>An append whose outcome is unknown is not resolved before the log is read again.</summary>
    ForgetsUnknownOutcome,
}

/// <summary>What somebody chose instead of the seed; null leaves it to the seed.</summary>
internal readonly record struct Choice(EngineKind? Kind = null, bool? IsLong = null, Flaw Flaw = Flaw.None)
{
    /// <summary>As options of the command line.</summary>
    public override string ToString() =>
        (Kind is { } kind ? $" --engine {kind.ToString().ToLowerInvariant()}" : string.Empty)
        + (IsLong is { } isLong ? $" --pace {(isLong ? "days" : "minutes")}" : string.Empty);
}
