using System.Globalization;

namespace Elasticity.Simulator;

/// <summary>How large a world may be: what a failing seed is made smaller by.</summary>
/// <param name="Jobs">Jobs at most.</param>
/// <param name="Tasks">Tasks of a job at most.</param>
/// <param name="Agents">Agents at most.</param>
/// <param name="Rage">How long faults rage at most.</param>
internal sealed record Most(int Jobs, int Tasks, int Agents, TimeSpan Rage)
{
    /// <summary>As large as a plan.</summary>
    public static Most Of(Plan plan) => new(plan.Jobs, plan.TasksMax, plan.Agents, plan.Rage);

    /// <summary>Reads <c>JOBS,TASKS,AGENTS,SECONDS</c>.</summary>
    public static Most Parse(string text)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        return text.Split(',') is [var j, var t, var a, var s] && int.TryParse(j, c, out int jobs)
            && int.TryParse(t, c, out int tasks) && int.TryParse(a, c, out int agents)
            && double.TryParse(s, c, out double seconds) && jobs > 0 && tasks > 0 && agents > 0
            && seconds is > 0 and <= CommandLine.SecondsMax
            ? new Most(jobs, tasks, agents, TimeSpan.FromSeconds(seconds))
            : throw new ArgumentException($"--most is JOBS,TASKS,AGENTS,SECONDS, each more than 0, not '{text}'.");
    }

    /// <summary>What is smaller by one step in one way, the boldest steps first.</summary>
    public IEnumerable<Most> Smaller()
    {
        foreach (int jobs in Steps(Jobs))
        {
            yield return this with { Jobs = jobs };
        }

        foreach (int tasks in Steps(Tasks))
        {
            yield return this with { Tasks = tasks };
        }

        foreach (int agents in Steps(Agents))
        {
            yield return this with { Agents = agents };
        }

        if (Rage > TimeSpan.FromSeconds(1))
        {
            yield return this with { Rage = Rage / 2 };
            yield return this with { Rage = Rage * 0.9 };
        }
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Jobs},{Tasks},{Agents},{Rage.TotalSeconds:R}");

    private static IEnumerable<int> Steps(int from) =>
        ((int[])[1, from / 2, from - 1]).Where(n => n >= 1 && n < from).Distinct();
}
