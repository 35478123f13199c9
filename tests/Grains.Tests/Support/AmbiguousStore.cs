using Elasticity.EventStore;

namespace Elasticity.Grains.Tests.Support;

/// <summary>A store whose connection breaks after each append, before the answer.</summary>
internal sealed class AmbiguousStore : SwitchedStore
{
    public AmbiguousStore(IEventStore inner) => Inner = inner;

    /// <summary>Whether it does so.</summary>
    public bool IsAmbiguous { get; set; }

    /// <summary>How many appends it was asked for.</summary>
    public int Appends { get; private set; }

    public override async ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        Appends++;
        AppendResult result = await base.AppendAsync(batch, cancellationToken);
        return IsAmbiguous
            ? throw new EventStoreException(
                "store-unavailable", "The connection broke.", isTransient: true, isOutcomeUnknown: true)
            : result;
    }
}
