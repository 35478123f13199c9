using System.Globalization;
using System.Text.Json;
using Elasticity.Domain.Leases;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>
/// A lease that was renewed lasts its full length from the heartbeat on, also in a cluster: where clocks are true and
/// nothing is on its way for long. Where it is, a lease may be taken back early, by somebody who had not heard of the
/// heartbeat yet; the token keeps that harmless.
/// </summary>
internal sealed class ClusterTiming(Agenda agenda, Plan plan)
{
    /// <summary>Letters that are neither lost nor late arrive within this.</summary>
    private static readonly TimeSpan Heard = TimeSpan.FromSeconds(2);

    private readonly bool _isExact = plan.IsCluster && IsExact(plan);
    private readonly Dictionary<(string Stream, long Token), TimeSpan> _renewed = [];
    private readonly Dictionary<ModelJob, TimeSpan> _paused = [];
    private readonly Dictionary<ModelJob, TimeSpan> _stopping = [];

    /// <summary>Whether times can be told.</summary>
    public static bool IsExact(Plan plan) => ((Fault[])
    [
        Fault.ClockDrifts, Fault.EngineFrozen, Fault.StoreSlow, Fault.GrainCallDelayed, Fault.GrainCallTwice,
        Fault.GrainDoubled, Fault.GrainMoves, Fault.SiloSplit,
    ]).All(f => plan.RateOf(f) == 0);

    /// <summary>A heartbeat was answered: it had been asked before it was taken in.</summary>
    public void Answered(Call call, object answer)
    {
        if (!_isExact || call.Input is not CoreInput.Beat { Heartbeat: var beat }
            || answer is not Reply<HeartbeatAnswer> { Value: { } value })
        {
            return;
        }

        for (int i = 0; i < value.Leases.Length; i++)
        {
            if (value.Leases[i] is LeaseAnswer.Renewed or LeaseAnswer.CancelRequested)
            {
                _renewed[($"task/{beat.Leases[i].Task}", beat.Leases[i].Token)] = call.AskedAt;
            }
        }
    }

    /// <summary>Looks at a batch before the log takes it in.</summary>
    public void Check(AppendBatch batch, LogModel log)
    {
        CheckSteering(batch, log);
        foreach (StreamAppend append in batch.Streams)
        {
            foreach (EventRecord e in append.Events.Where(e => e.Type is "task-expired-1" or "task-lost-1"))
            {
                using JsonDocument content = JsonDocument.Parse(e.Content);
                Check(append.Stream.Value, e.Type, content.RootElement, log);
            }
        }
    }

    /// <summary>A job that is paused, stops or has ended for a while: its tasks are not handed out any more.</summary>
    private void CheckSteering(AppendBatch batch, LogModel log)
    {
        if (!plan.IsQuietCluster)
        {
            return;
        }

        foreach (ModelJob job in log.Jobs.Values)
        {
            Note(_paused, job, job.IsPaused);
            Note(_stopping, job, job.IsStopping || job.IsEnded);
        }

        foreach (StreamAppend append in batch.Streams.Where(s => s.Events.Any(e => e.Type == "task-leased-1")))
        {
            ModelJob job = log.Jobs[append.Stream.Value.Split('/')[1]];
            Require(
                agenda.Now - _paused.GetValueOrDefault(job, agenda.Now) <= Heard, "pause-obeyed", job.Id,
                $"{append.Stream} leased while its job is paused since {_paused.GetValueOrDefault(job)}");
            Require(
                agenda.Now - _stopping.GetValueOrDefault(job, agenda.Now) <= Heard, "cancel-obeyed", job.Id,
                $"{append.Stream} leased while its job is {job.Phase} since {_stopping.GetValueOrDefault(job)}");
        }

        void Note(Dictionary<ModelJob, TimeSpan> since, ModelJob job, bool isSo)
        {
            if (!isSo)
            {
                since.Remove(job);
            }
            else
            {
                since.TryAdd(job, agenda.Now);
            }
        }
    }

    private void Check(string stream, string type, JsonElement e, LogModel log)
    {
        string[] parts = stream.Split('/');
        ModelTask? task = log.Find(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture));
        bool isByTime = type == "task-expired-1" || e.Text("reason") == "unconfirmed";
        if (isByTime && task is not null && _renewed.TryGetValue((stream, e.Long("token")), out TimeSpan since))
        {
            Require(
                agenda.Now - since >= task.LeaseLength, "leases-last", task.Id,
                $"token {e.Long("token")} taken back {agenda.Now - since} after it was renewed for {task.LeaseLength}");
        }
    }
}
