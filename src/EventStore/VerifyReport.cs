namespace Elasticity.EventStore;

/// <summary>What <see cref="LogVerifier"/> found.</summary>
/// <param name="Streams">How many streams were walked.</param>
/// <param name="Events">How many events fitted.</param>
/// <param name="FaultCount">How many streams hold something that does not fit.</param>
/// <param name="Faults">The first of each, in the order found; at most <see cref="LogVerifier.FaultsMax"/>.</param>
public sealed record VerifyReport(long Streams, long Events, long FaultCount, IReadOnlyList<VerifyFault> Faults)
{
    /// <summary>Whether everything fits.</summary>
    public bool IsSound => FaultCount == 0;
}

/// <summary>The first event of a stream that does not fit.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Version">The event.</param>
/// <param name="Difference">What differs.</param>
/// <param name="Detail">The same as a sentence, with particulars.</param>
public sealed record VerifyFault(StreamId Stream, long Version, VerifyDifference Difference, string Detail);

/// <summary>How far a verification has come.</summary>
/// <param name="Streams">Streams walked so far.</param>
/// <param name="Events">Events that fitted so far.</param>
/// <param name="FaultCount">Streams with a fault so far.</param>
/// <param name="IsCrossChecking">The streams are done; now the log is searched for events that belong to no stream.
///</param>
public sealed record VerifyProgress(long Streams, long Events, long FaultCount, bool IsCrossChecking);
