namespace Elasticity.Silo;

/// <summary>Asks the place where the members of the cluster are kept, where that is not the database of the
/// events.</summary>
internal interface IClusteringHealth
{
    /// <summary>Asks for a little, as Orleans would. Called every second, though an answer may still be
    /// missing.</summary>
    /// <exception cref="Exception">Any: there was no answer, and the message says why.</exception>
    Task AskAsync(CancellationToken cancellationToken);
}
