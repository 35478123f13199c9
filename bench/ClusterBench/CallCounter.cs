namespace Elasticity.ClusterBench;

/// <summary>Counts the calls that grains of Elasticity receive, in all silos of this process.</summary>
internal sealed class CallCounter : IIncomingGrainCallFilter
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceName.StartsWith("Elasticity.", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _count);
        }

        return context.Invoke();
    }
}
