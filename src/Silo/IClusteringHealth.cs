namespace Elasticity.Silo;

/// <summary>Asks the place where the members of the cluster are kept, where that is not the database of the events. A
/// silo that does not reach it is not ready.</summary>
internal interface IClusteringHealth
{
    /// <summary>Asks for a little; called every second, though an answer may still be missing.</summary>
    /// <exception cref="ClusteringAwayException">There was no answer; the message says why.</exception>
    Task AskAsync(CancellationToken cancellationToken);
}
