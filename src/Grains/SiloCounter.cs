using Elasticity.EventStore;

namespace Elasticity.Grains;

/// <summary>What one silo has done since its start. Safe for concurrent use.</summary>
public sealed class SiloCounter
{
    private long _appends;
    private long _events;
    private long _undelivered;

    /// <summary>The numbers now.</summary>
    public SiloCounts Counts => new(
        Interlocked.Read(ref _appends), Interlocked.Read(ref _events), Interlocked.Read(ref _undelivered));

    /// <summary>Counts a batch.</summary>
    /// <param name="batch">The batch.</param>
    public void Add(AppendBatch batch)
    {
        Interlocked.Increment(ref _appends);
        Interlocked.Add(ref _events, batch.Streams.Sum(s => s.Events.Count));
    }

    /// <summary>Counts messages to grains that could not be reached; a sweep delivers them again.</summary>
    /// <param name="messages">How many; 0 or more.</param>
    public void AddUndelivered(int messages) => Interlocked.Add(ref _undelivered, messages);
}
