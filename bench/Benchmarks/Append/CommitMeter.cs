using System.Diagnostics.Metrics;

namespace Elasticity.Benchmarks.Append;

/// <summary>Counts the transactions of the store that is measured, by the metric that every store has.</summary>
internal sealed class CommitMeter : IDisposable
{
    private const string MetersPrefix = "Elasticity.EventStore.";
    private const string RequestsSuffix = ".commit.requests";

    private readonly MeterListener _listener = new();
    private long _commits;
    private long _appends;

    /// <summary>Begins to count.</summary>
    public CommitMeter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith(MetersPrefix, StringComparison.Ordinal)
                && instrument.Name.EndsWith(RequestsSuffix, StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, requests, _, _) =>
        {
            Interlocked.Increment(ref _commits);
            Interlocked.Add(ref _appends, requests);
        });
        _listener.Start();
    }

    /// <summary>How many there were so far.</summary>
    public Commits Read() => new(Interlocked.Read(ref _commits), Interlocked.Read(ref _appends));

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}

/// <summary>Transactions, and the appends in them.</summary>
internal readonly record struct Commits(long Count, long Appends)
{
    /// <summary>Appends in a transaction on average; null without a transaction.</summary>
    public double? Mean => Count == 0 ? null : Math.Round((double)Appends / Count, 1);

    public static Commits operator -(Commits later, Commits earlier) =>
        new(later.Count - earlier.Count, later.Appends - earlier.Appends);
}
