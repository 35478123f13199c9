using Elasticity.EventStore;

namespace Elasticity.Grains;

/// <summary>What one silo has done since its start; none of it goes back. Safe for concurrent use.</summary>
public sealed class SiloCounter
{
    private long _appends;
    private long _events;
    private long _granted;
    private long _settled;
    private long _refused;
    private long _takenBack;
    private long _undelivered;

    /// <summary>The numbers now.</summary>
    public SiloCounts Counts => new(
        Interlocked.Read(ref _appends),
        Interlocked.Read(ref _events),
        Interlocked.Read(ref _granted),
        Interlocked.Read(ref _settled),
        Interlocked.Read(ref _refused),
        Interlocked.Read(ref _takenBack),
        Interlocked.Read(ref _undelivered));

    /// <summary>Counts a batch.</summary>
    /// <param name="batch">The batch.</param>
    public void Add(AppendBatch batch)
    {
        Interlocked.Increment(ref _appends);
        Interlocked.Add(ref _events, batch.Streams.Sum(s => s.Events.Count));
    }

    /// <summary>Counts leases that were given.</summary>
    /// <param name="leases">How many; 0 or more.</param>
    public void AddGranted(int leases) => Interlocked.Add(ref _granted, leases);

    /// <summary>Counts results.</summary>
    /// <param name="settled">How many were recorded; 0 or more.</param>
    /// <param name="refused">How many were refused; 0 or more.</param>
    public void AddResults(int settled, int refused)
    {
        Interlocked.Add(ref _settled, settled);
        Interlocked.Add(ref _refused, refused);
    }

    /// <summary>Counts leases that ran out or were lost.</summary>
    /// <param name="leases">How many; 0 or more.</param>
    public void AddTakenBack(int leases) => Interlocked.Add(ref _takenBack, leases);

    /// <summary>Counts messages to grains that could not be reached; a sweep delivers them again.</summary>
    /// <param name="messages">How many; 0 or more.</param>
    public void AddUndelivered(int messages) => Interlocked.Add(ref _undelivered, messages);
}
