using System.Globalization;
using System.Text;
using Elasticity.Domain;
using Elasticity.Engine.Embedded;
using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Simulator;

/// <summary>Everything that a seed decides before anything happens. Printed whole when the seed fails.</summary>
internal sealed record Plan
{
    private readonly double[] _rates = new double[Enum.GetValues<Fault>().Length];

    public required ulong Seed { get; init; }

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

    public double RateOf(Fault fault) => _rates[(int)fault];

    /// <summary>Draws a plan.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="without">Faults that are left out; everything else stays as drawn.</param>
    /// <param name="most">How large the world is at most; null leaves it as drawn.</param>
    public static Plan Draw(ulong seed, IReadOnlyCollection<Fault> without, Most? most = null)
    {
        Chance chance = Chance.Of(seed, "plan");
        bool isShared = chance.Is(0.4);
        int agents = chance.Int(1, 5);
        Plan plan = new()
        {
            Seed = seed,
            IsShared = isShared,
            Jobs = chance.Int(1, 6),
            TasksMax = (int)chance.Magnitude(2, 60),
            PayloadBytesMax = chance.Is(0.2) ? 6_000 : 40,
            Agents = agents,
            AgentsInProcess = !isShared && chance.Is(0.3) ? chance.Int(1, agents) : 0,
            SdkShare = chance.Is(0.2) ? 0 : chance.Is(0.3) ? 1 : chance.Unit(),
            SlotsMax = chance.Int(1, 8),
            Kinds = chance.Int(1, 3),
            WorkMax = TimeSpan.FromSeconds(chance.Magnitude(0.05, 20)),
            Rage = TimeSpan.FromSeconds(chance.Magnitude(5, 180)),
            Recovery = TimeSpan.FromSeconds(chance.Is(0.7) ? 0.05 : chance.Magnitude(0.05, 12)),
            Engine = DrawEngine(chance),
        };

        // A third of all faults at a time: a world in which everything breaks at once gets nowhere.
        double share = chance.Is(0.05) ? 0 : chance.Unit() * 0.7;
        foreach (Fault fault in Enum.GetValues<Fault>())
        {
            (double min, double max) = Range(fault);
            double rate = chance.Magnitude(min, max);
            plan._rates[(int)fault] = chance.Is(share) && !without.Contains(fault) ? rate : 0;
        }

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
        text.AppendLine(c, $"  store {(IsShared ? "shared by two engines" : "of one engine")}");
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
            + $"leases a session {core.Limits.LeasesPerSessionMax}");
        text.AppendLine(
            c,
            $"  waiting {core.WaitingRequestsMax}, agents {core.AgentsMax}, open jobs {core.OpenJobsMax}, "
            + $"silence {core.SessionSilenceMax}, batch events {Engine.BatchEventsMax}, inbox {Engine.InboxMax}");
        foreach (Fault fault in Enum.GetValues<Fault>().Where(f => RateOf(f) > 0))
        {
            text.AppendLine(c, $"  {fault} {RateOf(fault):0.####}");
        }

        return text.ToString();
    }

    private static EngineOptions DrawEngine(Chance chance) => new()
    {
        Core = new CoreOptions
        {
            Limits = new Limits
            {
                TasksPerChunkMax = chance.Is(0.5) ? 1_000 : chance.Int(1, 10),
                ChunkBytesMax = chance.Is(0.5) ? 1024 * 1024 : chance.Int(1, 20_000),
                LeasesPerSessionMax = chance.Is(0.8) ? 10_000 : chance.Int(1, 5),
            },
            ChunkCacheBytesMax = chance.Is(0.5) ? 64L * 1024 * 1024 : chance.Int(0, 60_000),
            TasksPerSweepStep = chance.Is(0.5) ? 1_000 : chance.Int(1, 10),
            SessionSilenceMax = chance.Is(0.5) ? TimeSpan.FromMinutes(10) : chance.Seconds(5, 60),
            WaitingRequestsMax = chance.Is(0.9) ? 10_000 : chance.Int(5, 8),
            AgentsMax = chance.Is(0.95) ? 10_000 : chance.Int(5, 8),
            OpenJobsMax = chance.Is(0.9) ? 1_000_000 : chance.Int(1, 4),
        },
        BatchEventsMax = chance.Is(0.7) ? 20_000 : chance.Int(1, 20),
        InboxMax = chance.Is(0.9) ? 20_000 : chance.Int(2, 10),
    };

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
        Fault.SubmitRepeated or Fault.SubmitBroken or Fault.SubmitClashes or Fault.SubmitWrong => (0.1, 0.9),
        _ => (0.005, 0.3),
    };
}
