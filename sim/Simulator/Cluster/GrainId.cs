namespace Elasticity.Simulator.Cluster;

/// <summary>Which kind of grain.</summary>
internal enum GrainKind
{
    Job,
    Task,
    Agent,
    Queue,
    Supervisor,
}

/// <summary>A grain: whoever calls it finds it by this, wherever it is.</summary>
internal readonly record struct GrainId(GrainKind Kind, string Key)
{
    public override string ToString() => $"{Kind}({Key})";
}
