using Elasticity.Simulator.Checks;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Cluster;

/// <summary>
/// What silos have in common: who is believed to live, where grains are, and the calls between them. None of it can be
/// trusted, as with the membership of Orleans: the dead are called for seconds, the frozen are declared dead and wake
/// up, a grain may be in two places.
/// </summary>
internal sealed partial class SimCluster(Agenda agenda, FaultBox faults, Plan plan)
{
    /// <summary>After so long without an answer a call has failed, as in Orleans.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private readonly Chance _chance = faults.ChanceOf("cluster");
    private readonly List<SiloProcess> _silos = [];
    private readonly HashSet<(SiloProcess Silo, int Generation)> _dead = [];
    private readonly Dictionary<GrainId, Place> _places = [];
    private readonly Dictionary<GrainId, Other> _others = [];

    public IReadOnlyList<SiloProcess> Silos => _silos;

    /// <summary>Adds a silo.</summary>
    public SiloProcess Add(string name, Disk disk, Watch watch)
    {
        SiloProcess silo = new(name, agenda, disk, faults, plan, watch, this);
        _silos.Add(silo);
        return silo;
    }

    /// <summary>Supervisors are woken by their reminders, which are kept in the database, and grains move.</summary>
    public void Begin()
    {
        Remind();
        faults.Repeat(agenda, Fault.GrainMoves, _chance, MoveOne);
        foreach (SiloProcess silo in _silos.Where(_ => _silos.Count > 1))
        {
            faults.Repeat(agenda, Fault.SiloSplit, _chance, () => Split(silo));
        }
    }

    /// <summary>Has a grain carry something out, wherever it is.</summary>
    /// <exception cref="CallFailedException">It did not come through, or its answer did not.</exception>
    public Task<T> CallAsync<TGrain, T>(SiloProcess from, GrainKind kind, string key, Func<TGrain, Task<T>> call)
        where TGrain : Grain
    {
        TaskCompletionSource<T> done = new();
        GrainId id = new(kind, key);
        from.Later(agenda.Now + CallTimeout, () => done.TrySetException(new CallFailedException($"{id}: no answer")));
        Place? place = Locate(id, from);
        bool isRemote = place?.Silo != from;
        if (isRemote && faults.Is(Fault.GrainCallLost, _chance))
        {
            return done.Task; // Until the time is over.
        }

        if (isRemote && faults.Is(Fault.GrainCallRefused, _chance))
        {
            Back(() => done.TrySetException(new CallFailedException($"{id}: refused")));
            return done.Task;
        }

        Send(place);
        if (isRemote && faults.Is(Fault.GrainCallTwice, _chance))
        {
            Send(place);
        }

        return done.Task;

        void Send(Place? to)
        {
            TimeSpan delay = isRemote && faults.Is(Fault.GrainCallDelayed, _chance)
                ? _chance.Seconds(0.05, 15)
                : _chance.Seconds(0.0001, isRemote ? 0.005 : 0.0005);
            agenda.After(delay, () => Arrive(to));
        }

        void Arrive(Place? to)
        {
            if (to is null || !to.IsThere)
            {
                Back(() => done.TrySetException(new CallFailedException($"{id}: nobody there")));
                return;
            }

            LeaveIfLate(id, to);
            to.Silo.Soon(() => to.Silo.Run(async () =>
            {
                try
                {
                    T result = await call((TGrain)await to.Silo.ActivationAsync(id));
                    Back(() => done.TrySetResult(result));
                }
                catch (Exception e) when (Grain.IsTrouble(e))
                {
                    Back(() => done.TrySetException(e));
                }
            }));
        }

        void Back(Action answer)
        {
            if (!isRemote || !faults.Is(Fault.GrainAnswerLost, _chance))
            {
                from.Later(agenda.Now + _chance.Seconds(0.0001, isRemote ? 0.005 : 0.0005), answer);
            }
        }
    }

    public Task CallAsync<TGrain>(SiloProcess from, GrainKind kind, string key, Func<TGrain, Task> call)
        where TGrain : Grain => CallAsync<TGrain, bool>(from, kind, key, async grain =>
    {
        await call(grain);
        return true;
    });

    /// <summary>A silo has started, or started again: its older lives are known to be over.</summary>
    public void Joined(SiloProcess silo)
    {
        for (int older = silo.Generation - 1; older > 0; older--)
        {
            _dead.Add((silo, older));
        }

        agenda.After(_chance.Seconds(0.01, 1), () => Nudge(silo));
    }

    /// <summary>A silo says goodbye.</summary>
    public void Left(SiloProcess silo) => _dead.Add((silo, silo.Generation));

    /// <summary>A silo was killed: it is missed some seconds later.</summary>
    public void Died(SiloProcess silo, int generation) =>
        agenda.After(_chance.Seconds(1, 10), () => _dead.Add((silo, generation)));

    /// <summary>A silo stands still. Who does so for long is declared dead, and ends itself when it hears of
    /// it; until then it goes on.</summary>
    public void Froze(SiloProcess silo, TimeSpan until)
    {
        int generation = silo.Generation;
        TimeSpan missedAt = agenda.Now + _chance.Seconds(3, 10);
        if (missedAt < until && silo.IsAlive)
        {
            agenda.At(missedAt, () => _dead.Add((silo, generation)));
            agenda.At(until + _chance.Seconds(0, 4), () =>
            {
                if (silo.Generation == generation)
                {
                    silo.Kill();
                }
            });
        }
    }

    /// <summary>Whoever may have lost something has the supervisors look at once.</summary>
    public void Nudge(SiloProcess from)
    {
        for (int shard = 0; from.IsAlive && shard < from.Store.ShardCount; shard++)
        {
            string key = shard.ToString(System.Globalization.CultureInfo.InvariantCulture);
            from.Run(() => CallAsync<SupervisorGrain>(from, GrainKind.Supervisor, key, s => s.NudgeAsync()));
        }
    }

    /// <summary>Whether a courier dies at its next call.</summary>
    public bool CourierDies() => faults.Is(Fault.CourierDies, _chance);

    /// <summary>An activation leaves by itself.</summary>
    public void Forget(SiloProcess silo, GrainId id)
    {
        silo.Forget(id);
        if (_places.GetValueOrDefault(id)?.Silo == silo)
        {
            _places.Remove(id);
        }
    }

    private void Remind() => agenda.After(plan.Reminder, () =>
    {
        if (_silos.Find(s => s.IsAlive) is { } alive)
        {
            for (int shard = 0; shard < alive.Store.ShardCount; shard++)
            {
                string key = shard.ToString(System.Globalization.CultureInfo.InvariantCulture);
                alive.Run(() => CallAsync<SupervisorGrain>(alive, GrainKind.Supervisor, key, s => s.SweepAsync()));
            }
        }

        Remind();
    });

    private Place? Locate(GrainId id, SiloProcess from)
    {
        if (_views.TryGetValue(from, out View? view) && view.Generation == from.Generation)
        {
            return view.Places.TryGetValue(id, out Place? own)
                ? own
                : view.Places[id] = new Place(from, from.Generation);
        }

        if (_others.TryGetValue(id, out Other? other))
        {
            if (other.Until > agenda.Now && !IsDead(other.Place))
            {
                return other.Seers.Contains(from) ? other.Place : _places.GetValueOrDefault(id, other.Place);
            }

            _others.Remove(id);
            if (other.Place.IsThere)
            {
                other.Place.Silo.Forget(id); // One of the two is told to leave.
            }
        }

        if (!_places.TryGetValue(id, out Place? place) || IsDead(place))
        {
            return Put(id, _ => true);
        }

        if (plan.Silos > 1 && faults.Is(Fault.GrainDoubled, _chance))
        {
            HashSet<SiloProcess> seers = [place.Silo, .. _silos.Where(_ => _chance.Is(0.5))];
            _others[id] = new Other(place, seers, agenda.Now + _chance.Seconds(0.5, 15));
            Place second = Put(id, s => s != place.Silo) ?? place;
            return seers.Contains(from) ? place : second;
        }

        return place;
    }

    /// <summary>A late call makes a second activation, which nobody finds; the directory has it leave.</summary>
    private void LeaveIfLate(GrainId id, Place place)
    {
        if (!place.Silo.Has(id) && !IsFound(id, place))
        {
            agenda.After(_chance.Seconds(0.5, 15), () => LeaveUnlessFound(id, place));
        }
    }

    private void LeaveUnlessFound(GrainId id, Place place)
    {
        if (place.IsThere && !IsFound(id, place))
        {
            place.Silo.Forget(id);
        }
    }

    /// <summary>Whether somebody who looks for a grain finds it in this place.</summary>
    private bool IsFound(GrainId id, Place place) => _places.GetValueOrDefault(id) == place
        || _others.GetValueOrDefault(id)?.Place == place
        || _views.GetValueOrDefault(place.Silo)?.Places.GetValueOrDefault(id) == place;

    private Place? Put(GrainId id, Func<SiloProcess, bool> isSuitable)
    {
        SiloProcess[] suitable =
        [
            .. _silos.Where(s => s.IsAlive && !_dead.Contains((s, s.Generation)) && isSuitable(s)),
        ];
        if (suitable.Length == 0)
        {
            return null;
        }

        SiloProcess silo = _chance.Pick(suitable);
        return _places[id] = new Place(silo, silo.Generation);
    }

    /// <returns>Whether there was one to move.</returns>
    private bool MoveOne()
    {
        if (_places.Count == 0)
        {
            return false;
        }

        // Of any kind as often: among all grains it would nearly always be a task's.
        GrainKind kind = _chance.Pick([.. _places.Keys.Select(g => g.Kind).Distinct()]);
        GrainId id = _chance.Pick([.. _places.Keys.Where(g => g.Kind == kind)]);
        _places.Remove(id, out Place? place);
        bool isThere = place!.IsThere;
        if (isThere)
        {
            place.Silo.Soon(() => place.Silo.Forget(id));
        }

        return isThere;
    }

    private bool IsDead(Place place) => _dead.Contains((place.Silo, place.Generation));

    /// <summary>A first activation beside the second, and the silos that still call it: each has a view of its own of
    /// where grains are.</summary>
    private sealed record Other(Place Place, HashSet<SiloProcess> Seers, TimeSpan Until);

    /// <summary>Where a grain is believed to be.</summary>
    private sealed record Place(SiloProcess Silo, int Generation)
    {
        public bool IsThere => Silo.IsAlive && Silo.Generation == Generation;
    }
}
