namespace Elasticity.Simulator.Cluster;

/// <summary>A silo that takes the others for dead has a directory of its own.</summary>
internal sealed partial class SimCluster
{
    private readonly Dictionary<SiloProcess, View> _views = [];

    /// <returns>Whether it lived, and was not split already.</returns>
    private bool Split(SiloProcess silo)
    {
        if (!silo.IsAlive || _views.ContainsKey(silo))
        {
            return false;
        }

        View view = new(silo.Generation);
        foreach ((GrainId id, Place place) in _places.Where(p => p.Value.Silo == silo && p.Value.IsThere))
        {
            view.Places[id] = place; // What it has itself stays where it is.
        }

        _views[silo] = view;
        agenda.After(plan.Stretch(_chance.Seconds(0.5, 40)), () =>
        {
            _views.Remove(silo);
            if (silo.IsAlive && silo.Generation == view.Generation)
            {
                Join(view);
            }
        });
        return true;
    }

    /// <summary>It hears that the others live: of each two activations one is told to leave.</summary>
    private void Join(View view)
    {
        foreach ((GrainId id, Place own) in view.Places)
        {
            Place? other = _places.GetValueOrDefault(id);
            if (other is null || !other.IsThere || IsDead(other))
            {
                _places[id] = own;
            }
            else if (other.Silo != own.Silo)
            {
                bool isOwnKept = _chance.Is(0.5);
                _places[id] = isOwnKept ? own : other;
                Place leaves = isOwnKept ? other : own;
                leaves.Silo.Soon(() => leaves.Silo.Forget(id));
            }
        }
    }

    /// <summary>Where a silo that is split believes grains to be.</summary>
    private sealed record View(int Generation)
    {
        public Dictionary<GrainId, Place> Places { get; } = [];
    }
}
