using System.Collections.Immutable;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.Simulator.Actors;
using Elasticity.Simulator.Checks;
using Elasticity.Simulator.Cluster;

namespace Elasticity.Simulator.World;

/// <summary>One world from one seed: faults rage, then they stop, then everything must end.</summary>
internal sealed class Simulation
{
    /// <summary>A world that does so much is stuck in a loop.</summary>
    private const long StepsMax = 3_000_000;

    /// <summary>So much more may happen in days.</summary>
    private const int LongerBy = 20;

    private readonly Plan _plan;
    private readonly Agenda _agenda = new();
    private readonly FaultBox _faults;
    private readonly Disk _disk;
    private readonly List<Host> _engines = [];
    private readonly SimCluster? _cluster;
    private readonly List<SimClient> _clients = [];
    private readonly Chance _chance;
    private readonly ViewRules _views;

    public Simulation(Plan plan)
    {
        _plan = plan;
        _faults = new FaultBox(plan);
        _chance = _faults.ChanceOf("world");
        Watch = new Watch(_agenda, plan);
        _disk = new Disk(_agenda, plan.IsShared, Watch.Written, Watch.Trimmed);
        _views = new ViewRules(_agenda, _disk.Store, Watch.Log, _faults.ChanceOf("views"));
        _cluster = plan.IsCluster ? new SimCluster(_agenda, _faults, plan) : null;
        for (int i = 0; i < (plan.IsCluster ? plan.Silos : plan.IsShared ? 2 : 1); i++)
        {
            AddEngine(i);
        }

        AddAgents();
        AddClients();
        Meddle();
    }

    public Watch Watch { get; }

    /// <summary>What is durable.</summary>
    public IEventStore Store => _disk.Store;

    public long[] FaultCounts => _faults.Counts;

    public TimeSpan TrueTime => _agenda.Now;

    /// <summary>Runs the world to its end.</summary>
    /// <exception cref="Violation">A promise was broken.</exception>
    public void Run()
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new AgendaContext(_agenda));
        try
        {
            RunToEnd();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private void RunToEnd()
    {
        foreach (Host engine in _engines)
        {
            engine.Start();
        }

        _cluster?.Begin();
        EverySecond(() => Watch.Look(_engines));
        _agenda.RunUntil(_plan.Rage, IsStuck);
        Watch.Note("faults stop");
        _views.Check();
        _faults.IsOpen = false;
        EverySecond(Heal);
        TimeSpan limit = EndChecks.TimeLimit(_plan, Watch.Log);
        _agenda.RunUntil(_agenda.Now + limit, () => IsStuck() || IsAllDone());
        EndChecks.AllEnded(Watch, _clients, limit);

        // Silent sessions end, what was sent long ago arrives, and queues forget what only they believe to be paused,
        // by clocks that may be slow.
        TimeSpan forgotten = _plan.IsCluster ? QueueGrain.PausesKept(_plan) * 1.25 : TimeSpan.Zero;
        _agenda.RunUntil(_agenda.Now + TimeSpan.FromSeconds(60) + forgotten, IsStuck);
        _agenda.RunUntil(
            _agenda.Now + TimeSpan.FromSeconds(10), () =>
                _engines.TrueForAll(e => e is not EngineProcess
                    { Serving: { IsIdle: false } or { Core.LoadCount: > 0 } })); // What is not stored yet is no leak.
        EndChecks.NothingIsLeft(Watch, _engines);
        _views.Check();
    }

    private void AddEngine(int number)
    {
        Host engine = _cluster is { } cluster
            ? cluster.Add($"silo-{number}", _disk, Watch)
            : new EngineProcess($"engine-{number}", _agenda, _disk, _faults, _plan, Watch);
        _engines.Add(engine);
        Chance chance = _faults.ChanceOf($"fate/{engine.Name}");
        engine.Died += () => _agenda.After(_plan.Stretch(chance.Seconds(0.05, 15)), engine.Start);
        _faults.Repeat(_agenda, Fault.EngineKilled, chance, engine.Kill);
        _faults.Repeat(_agenda, Fault.EngineStopped, chance, engine.Stop);
        _faults.Repeat(
            _agenda, Fault.EngineFrozen, chance, () => engine.Freeze(_plan.Stretch(chance.Seconds(0.1, 30))));
        _faults.Repeat(_agenda, Fault.StoreFull, chance, () => engine.FillStore(chance.Seconds(0.5, 20)));
        _faults.Repeat(_agenda, Fault.WallClockJumps, chance, () =>
        {
            engine.Clock.Jump(chance.Seconds(1, 300) * (chance.Is(0.5) ? 1 : -1));
            return true;
        });
    }

    private void AddAgents()
    {
        HandlerRules handlers = new(_plan, Watch.Log);
        for (int i = 0; i < _plan.Agents; i++)
        {
            // The first offers everything: a kind that nobody offers waits for ever, by design. So may one whose agents
            // are refused because others are there.
            bool offersAll = i == 0
                || Math.Min(_plan.Engine.Core.WaitingRequestsMax, _plan.Engine.Core.AgentsMax) < _plan.Agents
                || _chance.Is(0.5);
            ImmutableArray<string> kinds = offersAll
                ? [.. Enumerable.Range(0, _plan.Kinds).Select(Workload.Kind)]
                : [Workload.Kind(_chance.Int(0, _plan.Kinds - 1))];
            if (i >= _plan.AgentsInProcess && _chance.Is(_plan.SdkShare))
            {
                SdkAgent sdk = new($"agent-{i}", kinds, _agenda, _faults, _plan, _engines, handlers, i % 2 == 0);
                _agenda.After(_chance.Seconds(0, 5), sdk.Start);
                continue;
            }

            AgentOffer offer = new(
                kinds,
                _chance.Int(1, _plan.SlotsMax),
                Workload.Labels(("number", $"{i}")),
                IsInProcess: i < _plan.AgentsInProcess);
            SimAgent agent = new($"agent-{i}", offer, _agenda, _faults, _plan, _engines);
            if (!agent.IsInProcess)
            {
                _agenda.After(_chance.Seconds(0, 5), agent.Start);
            }
        }
    }

    private void AddClients()
    {
        Workload workload = new(_plan, _faults.ChanceOf("workload"));
        for (int i = 0; i < _plan.Jobs; i++)
        {
            bool isWrong = _faults.IsTried(Fault.SubmitWrong, _chance) && _chance.Is(0.3);
            JobSubmissionDraft draft = workload.Draw($"job-{i}", isWrong);
            if (isWrong && draft.Tasks.Length > 0)
            {
                _faults.Count(Fault.SubmitWrong);
            }

            Watch.Ledger.Wanted(draft);
            SimClient client = new(draft, _agenda, _faults, _plan, _engines, new ModelJobs(Watch.Log));
            _clients.Add(client);
            _agenda.After(_plan.Rage * _chance.Unit() * 0.7, client.Submit);
            if (_faults.IsTried(Fault.SubmitClashes, _chance))
            {
                JobSubmissionDraft other = workload.Draw($"job-{i}", isWrong: false);
                Watch.Ledger.Wanted(other);
                _agenda.After(_plan.Rage * _chance.Unit(), () =>
                {
                    if (client.SubmitClash(other))
                    {
                        _faults.Count(Fault.SubmitClashes);
                    }
                });
            }
        }
    }

    /// <summary>Somebody cancels, pauses and redrives.</summary>
    private void Meddle()
    {
        _faults.Repeat(_agenda, Fault.JobCancelled, _chance, () =>
        {
            SimClient client = Any();
            client.Command(new JobCommand.Cancel(default));
            return JobOf(client) is { IsEnded: false, Phase: not "cancelling" };
        });
        _faults.Repeat(_agenda, Fault.JobPaused, _chance, () =>
        {
            SimClient client = Any();
            client.Command(new JobCommand.Pause(default));
            TimeSpan pause = _plan.Stretch(_chance.Seconds(0.05, 30));
            _agenda.After(pause, () => client.Command(new JobCommand.Resume(default)));
            return JobOf(client) is { Phase: "open", IsPaused: false };
        });
        _faults.Repeat(_agenda, Fault.JobRedriven, _chance, () =>
        {
            int? index = _chance.Is(0.5) ? null : _chance.Int(0, _plan.TasksMax);
            SimClient client = Any();
            client.Command(new JobCommand.Redrive(default, index));
            return HasGivenUp(JobOf(client));
        });
        _faults.Repeat(_agenda, Fault.JobTrimmed, _chance, () =>
        {
            SimClient client = _plan.IsCluster && Ended() is { } ended ? ended : Any();
            Host engine = _chance.Pick(_engines);
            if (_chance.Is(0.5))
            {
                // A late report about a task that is just being removed.
                client.ReportLate(engine, _chance.Int(0, _plan.TasksMax));
            }

            TimeSpan later = _chance.Is(0.5) ? TimeSpan.Zero : _chance.Seconds(0, 0.02);
            _agenda.After(later, () => engine.Trim(client.Id));
            return JobOf(client) is { IsEnded: true, IsTrimmed: false };
        });

        MeddleLately();
        MeddleAtOnce();
        RedriveOnes();
        SimClient Any() => _chance.Pick(_clients);

        // Letters to a job may arrive long after it ended: it is trimmed soon, so that some find it gone.
        SimClient? Ended()
        {
            SimClient[] ended =
            [
                .. _clients.Where(c => JobOf(c) is { IsEnded: true, IsTrimmed: false }),
            ];
            return ended.Length > 0 && _chance.Is(0.8) ? _chance.Pick(ended) : null;
        }
    }

    /// <summary>What is in the newest worlds only.</summary>
    private void MeddleLately()
    {
        Chance chance = _faults.ChanceOf("lately");
        _faults.Repeat(_agenda, Fault.JobLookedAt, chance, () =>
        {
            chance.Pick(_clients).Look();
            return true;
        });
        _faults.Repeat(_agenda, Fault.PayloadsErased, chance, () =>
        {
            // Of a job in which something was given up, so that somebody wants it done again.
            SimClient[] failed = [.. _clients.Where(c => JobOf(c) is { IsEnded: true } job && HasGivenUp(job))];
            SimClient client = chance.Pick<SimClient>(failed.Length > 0 && chance.Is(0.7) ? failed : _clients);
            int? dead = JobOf(client)?.Tasks.Find(t => t.Status == "deadLettered")?.Index;
            client.Erase(chance.Is(0.3) ? null : chance.Is(0.5) && dead is { } index ? index
                : chance.Int(0, _plan.TasksMax));

            // Of all, or of the last one only: what depends on it and on others that were given up cannot be done.
            int? one = chance.Is(0.5) ? JobOf(client)?.Tasks.FindLast(t => t.Status == "deadLettered")?.Index : null;
            _agenda.After(chance.Seconds(0, 5), () => client.Command(new JobCommand.Redrive(default, one)));
            return JobOf(client) is { IsEnded: true, IsTrimmed: false };
        });
    }

    /// <summary>What comes at random times seldom meets a task that was given up, or a job that has ended, and letters
    /// about it.</summary>
    private void MeddleAtOnce()
    {
        Chance chance = _faults.ChanceOf("watcher");
        if (_plan.RateOf(Fault.GivenUpRedriven) > 0 || _plan.RateOf(Fault.EndedTrimmed) > 0)
        {
            WatchJobs(chance, client =>
            {
                ModelJob? job = JobOf(client);
                if (HasGivenUp(job) && _faults.Is(Fault.GivenUpRedriven, chance))
                {
                    client.Command(new JobCommand.Redrive(default, null));
                }
                else if (job is { IsEnded: true, IsTrimmed: false } && _faults.Is(Fault.EndedTrimmed, chance))
                {
                    chance.Pick(_engines).Trim(client.Id);
                }
            });
        }
    }

    /// <summary>Some of several that were given up or cancelled: what depends on the others too cannot be done, and the
    /// job does not fail again for them.</summary>
    private void RedriveOnes()
    {
        Chance chance = _faults.ChanceOf("ones");
        if (_plan.RateOf(Fault.OneRedriven) > 0)
        {
            WatchJobs(chance, client =>
            {
                if (JobOf(client) is not { } job || !HasGivenUp(job))
                {
                    return;
                }

                ModelTask[] bad = [.. job.Tasks.Where(t => t is { Recorded: 2 or 3, IsErased: false })];
                if (bad.Length > 1 && _faults.Is(Fault.OneRedriven, chance))
                {
                    for (int i = chance.Int(1, bad.Length - 1); i > 0; i--)
                    {
                        client.Command(new JobCommand.Redrive(default, chance.Pick<ModelTask>(bad).Index));
                    }
                }
            });
        }
    }

    /// <summary>Looks at every job within moments, again and again, as long as faults happen.</summary>
    private void WatchJobs(Chance chance, Action<SimClient> look) =>
        _agenda.After(_plan.Stretch(chance.Seconds(0, 2)), () =>
        {
            if (_faults.IsOpen)
            {
                _clients.ForEach(look);
                WatchJobs(chance, look);
            }
        });

    private ModelJob? JobOf(SimClient client) => Watch.Log.Jobs.GetValueOrDefault(client.Id.Value);

    private static bool HasGivenUp(ModelJob? job) => job is { IsSealed: true, IsStopping: false, IsTrimmed: false }
        && job.Tasks.Exists(t => t.Status == "deadLettered");

    private void Heal()
    {
        foreach (SimClient client in _clients)
        {
            client.SeeTo();
        }
    }

    private void EverySecond(Action what) => _agenda.After(TimeSpan.FromSeconds(_plan.IsLong ? 60 : 1), () =>
    {
        what();
        EverySecond(what);
    });

    private bool IsAllDone() =>
        _clients.TrueForAll(c => c.IsDone && (JobOf(c)?.IsEnded ?? c.RefusedAs is not null));

    private bool IsStuck() => _agenda.StepCount > StepsMax * (_plan.IsLong ? LongerBy : 1)
        ? throw new Violation("gets-on", "world", $"more than {StepsMax} steps")
        : false;
}
