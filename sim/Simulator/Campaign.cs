using System.Diagnostics;
using System.Globalization;
using Elasticity.Simulator.Checks;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator;

/// <summary>Runs seed after seed and sums up.</summary>
internal static class Campaign
{
    /// <summary>Runs what the command line asks for.</summary>
    /// <returns>0 when no seed failed, 1 when one did or too few were tried, 2 when the question was not
    /// understood.</returns>
    public static int Go(CommandLine line, TextWriter output)
    {
        if (line.IsHelp)
        {
            output.WriteLine(CommandLine.Help);
            return 0;
        }

        Totals totals = new();
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < line.Seeds && watch.Elapsed < line.TimeMax; i++)
        {
            ulong seed = line.First + (ulong)i;
            Verdict verdict = Run(seed, line.Without, isTraced: false, line.Most, line.Choice);
            totals.Add(verdict);
            if (verdict.Failure is not null)
            {
                Report(line, verdict, output);
                totals.Print(watch.Elapsed, output);
                return 1;
            }

            if (line.IsSingle || line.IsVerbose)
            {
                output.WriteLine(verdict.Plan);
                output.WriteLine(Sum(verdict));
            }
        }

        totals.Print(watch.Elapsed, output);
        if (totals.Seeds > 0 && !line.IsSingle)
        {
            string options = CommandLine.OptionsOf(line.Choice, line.Without, line.Most);
            output.WriteLine(
                $"no promise was broken; the same again: --first {line.First} --seeds {totals.Seeds}{options}");
        }

        if (totals.Seeds < line.SeedsMin)
        {
            output.WriteLine($"ONLY {totals.Seeds} of at least {line.SeedsMin} seeds were tried in {watch.Elapsed}.");
            return 1;
        }

        return 0;
    }

    /// <summary>Runs one seed.</summary>
    public static Verdict Run(
        ulong seed, IReadOnlyCollection<Fault> without, bool isTraced, Most? most = null, Choice choice = default)
    {
        Plan plan = Plan.Draw(seed, without, most, choice);
        Simulation simulation = new(plan);
        simulation.Watch.Trace = isTraced ? [] : null;
        Exception? failure = null;
        try
        {
            simulation.Run();
        }
#pragma warning disable CA1031 // whatever the engine throws is a find
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
        }

        return new Verdict(plan, failure, simulation.Watch, simulation.FaultCounts, simulation.TrueTime);
    }

    private static string Sum(Verdict v) => string.Create(
        CultureInfo.InvariantCulture,
        $"  {v.Watch.StepCount} steps, {v.Watch.Log.EventCount} events in {v.Watch.Log.BatchCount} batches, "
        + $"{v.TrueTime} of virtual time, fingerprint {v.Watch.Fingerprint:x16}");

    private static void Report(CommandLine line, Verdict verdict, TextWriter output)
    {
        Shrinking shrunk = line.IsSingle || line.IsUnshrunk
            ? new Shrinking(verdict.Plan.Seed, line.Without, line.Most, line.Choice)
            : Shrinking.Of(verdict, line.Without, line.Choice);
        Verdict small = Run(verdict.Plan.Seed, shrunk.Without, isTraced: true, shrunk.Most, shrunk.Choice);
        output.WriteLine($"SEED {verdict.Plan.Seed} FAILED: {verdict.Failure!.Message}");
        output.Write(verdict.Plan);
        output.WriteLine(Sum(verdict));
        output.WriteLine(shrunk.IsLeast
            ? "the least that still fails the same way:"
            : "what still fails the same way:");
        output.WriteLine($"  {shrunk.Command}");
        output.WriteLine($"  {small.Failure}");
        TraceFilter.Print(small.Watch.Trace ?? [], small.Failure as Violation, line.TraceLines, output);
    }
}

/// <summary>What became of a seed.</summary>
internal sealed record Verdict(Plan Plan, Exception? Failure, Watch Watch, long[] FaultCounts, TimeSpan TrueTime);
