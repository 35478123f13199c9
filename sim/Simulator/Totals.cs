using System.Globalization;
using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator;

/// <summary>What all seeds together did.</summary>
internal sealed class Totals
{
    private readonly long[] _faults = new long[Enum.GetValues<Fault>().Length];
    private readonly Coverage _coverage = new();
    private int _seeds;
    private long _steps;
    private long _events;
    private long _memoryLooks;
    private TimeSpan _trueTime;
    private int _clusterSeeds;
    private TimeSpan _clusterTime;
    private int _longSeeds;
    private TimeSpan _longTime;

    public int Seeds => _seeds;

    public void Add(Verdict verdict)
    {
        _seeds++;
        _steps += verdict.Watch.StepCount;
        _events += verdict.Watch.Log.EventCount;
        _trueTime += verdict.TrueTime;
        if (verdict.Plan.IsCluster)
        {
            _clusterSeeds++;
            _clusterTime += verdict.TrueTime;
        }

        if (verdict.Plan.IsLong)
        {
            _longSeeds++;
            _longTime += verdict.TrueTime;
        }

        _memoryLooks += verdict.Watch.MemoryLooks;
        for (int i = 0; i < _faults.Length; i++)
        {
            _faults[i] += verdict.FaultCounts[i];
        }

        _coverage.Add(verdict.Watch.Coverage);
    }

    public void Print(TimeSpan elapsed, TextWriter output)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        output.WriteLine(string.Create(
            c,
            $"{_seeds} seeds in {elapsed.TotalSeconds:0.0} s ({_seeds / elapsed.TotalSeconds:0.0} a second): "
            + $"{_steps:N0} steps, {_events:N0} events, {_trueTime.TotalDays:0.0} days of virtual time"));
        output.WriteLine(string.Create(
            c,
            $"of them {_clusterSeeds} of a cluster, {_clusterTime.TotalDays:0.0} days; "
            + $"and {_longSeeds} over days, {_longTime.TotalDays:0.0} days"));
        output.WriteLine(string.Create(c, $"{_memoryLooks:N0} looks into the memory of an idle engine"));
        output.WriteLine("faults injected, without those that met nothing, as a kill of an engine that is down:");
        foreach (Fault fault in Enum.GetValues<Fault>())
        {
            output.WriteLine(string.Create(c, $"  {fault,-22} {_faults[(int)fault],10:N0}"));
        }

        PrintReached("transitions", Universe.Transitions, output);
        PrintReached("bounds", Universe.Bounds, output);
        PrintReached("answers", Universe.Answers, output);
        output.WriteLine("how often:");
        foreach (((string machine, string transition), long count) in
            _coverage.Seen.OrderBy(s => s.Key.Machine, StringComparer.Ordinal)
                .ThenBy(s => s.Key.Transition, StringComparer.Ordinal))
        {
            output.WriteLine(string.Create(c, $"  {machine,-7} {transition,-64} {count,12:N0}"));
        }
    }

    private void PrintReached(
        string what, IReadOnlySet<(string Machine, string Transition)> all, TextWriter output)
    {
        string[] missing =
            [.. all.Where(t => !_coverage.Seen.ContainsKey(t)).Select(t => $"{t.Machine} {t.Transition}")];
        output.WriteLine($"{what}: {all.Count - missing.Length} of {all.Count} reached");
        foreach (string transition in missing.Order(StringComparer.Ordinal))
        {
            output.WriteLine($"  never  {transition}");
        }
    }
}
