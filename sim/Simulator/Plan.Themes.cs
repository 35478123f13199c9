namespace Elasticity.Simulator;

/// <content>Half of the newest worlds are about something: what it takes several faults and a workload to see seldom
/// comes together by itself.</content>
internal sealed partial record Plan
{
    /// <summary>Where agents drain, handlers may take at least so long: else they are over by then.</summary>
    private static readonly TimeSpan LongWork = TimeSpan.FromSeconds(5);

    private Plan Themed(IReadOnlyCollection<Fault> without) => Chance.Of(Seed, "theme").Int(0, 5) switch
    {
        0 => About(without, (Fault.AgentDrains, 4), (Fault.HandlerDeaf, 0.5)) with
        {
            SdkShare = 1,
            AgentsInProcess = 0,
            WorkMax = WorkMax > LongWork ? WorkMax : LongWork,
        },
        1 => About(
            without, (Fault.OneRedriven, 0.5), (Fault.GivenUpRedriven, 0.3), (Fault.HandlerFailsFinally, 0.4),
            (Fault.PayloadsErased, 10)) with
        {
            Jobs = Math.Max(Jobs, 3),
            TasksMax = Math.Max(TasksMax, 12),
        },
        2 => About(without, (Fault.FormerAsks, 30), (Fault.AgentCrashes, 2), (Fault.AgentHangs, 4)) with
        {
            SdkShare = 0,
            Engine = Engine with
            {
                Core = Engine.Core with { SessionSilenceMax = TimeSpan.FromSeconds(6) },
            },
        },
        _ => this,
    };

    private Plan About(IReadOnlyCollection<Fault> without, params ReadOnlySpan<(Fault Fault, double Rate)> faults)
    {
        foreach ((Fault fault, double rate) in faults)
        {
            _rates[(int)fault] = without.Contains(fault) ? 0 : rate;
        }

        return this;
    }
}
