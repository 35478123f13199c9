using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>What people are shown of the progress of a task is what its agent said last, in the life of the engine that
/// shows it; and never what nobody said.</summary>
internal sealed class ProgressRules
{
    private const string Rule = "shown-is-the-fold";

    private readonly Dictionary<(string Task, long Token), List<Said>> _said = [];

    /// <summary>An engine is told.</summary>
    public void Asked(Host process, CoreInput input)
    {
        if (input is not CoreInput.Beat { Heartbeat: var beat })
        {
            return;
        }

        foreach (HeldLease held in beat.Leases.Where(l => l.Progress is not null))
        {
            (string, long) lease = (held.Task.ToString(), held.Token);
            if (!_said.TryGetValue(lease, out List<Said>? said))
            {
                _said.Add(lease, said = []);
            }

            said.Add(new Said(beat.Holder, held.Progress!, process, process.ServingSince, process.TrueTime));
        }
    }

    /// <summary>An engine shows a job.</summary>
    public void Answered(Host process, Call call, object answer, LogModel log)
    {
        if (call.Input is not CoreInput.Look { Job: { } id } || answer is not CoreSnapshot shown)
        {
            return;
        }

        foreach ((int index, string said) in shown.Progress)
        {
            Require(
                _said.Any(s => s.Key.Task == $"{id}/{index}" && s.Value.Exists(v => v.Text == said)), Rule,
                $"{id}/{index}", $"nobody said '{said}' of it");
        }

        if (log.BatchCount == call.AskedIn && log.Jobs.TryGetValue(id.Value, out ModelJob? job))
        {
            foreach (ModelTask task in job.Tasks.Where(t => t.Lease is not null))
            {
                Check(process, call, task, shown.Progress.GetValueOrDefault(task.Index));
            }
        }
    }

    private void Check(Host process, Call call, ModelTask task, string? shown)
    {
        Said[] said =
        [
            .. (_said.GetValueOrDefault((task.Id, task.Token)) ?? []).Where(
                s => s.Holder == task.Lease!.Holder && s.Process == process && s.Life == process.ServingSince),
        ];
        if (said is [.., var last] && last.At >= call.AskedAt)
        {
            return; // Said and asked at the same time.
        }

        string? expected = said.LastOrDefault()?.Text;
        Require(shown == expected, Rule, task.Id, $"progress '{shown}' shown, '{expected}' was said last");
    }

    private sealed record Said(Holder Holder, string Text, Host Process, TimeSpan Life, TimeSpan At);
}
