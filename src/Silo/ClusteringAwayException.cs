namespace Elasticity.Silo;

/// <summary>The place where the members of the cluster are kept does not answer; later it may.</summary>
/// <param name="message">One sentence for a human.</param>
/// <param name="inner">The cause, if any.</param>
internal sealed class ClusteringAwayException(string message, Exception? inner = null) : IOException(message, inner);
