using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Simulator.Cluster;

/// <summary>One activation of a grain: what lives in the memory of one silo. There may be two at a time, and each may
/// believe that it is the only one.</summary>
internal abstract class Grain(SiloProcess silo, string key)
{
    public SiloProcess Silo => silo;

    public string Key => key;

    /// <summary>It is no longer called, and its timer has ended. What it was doing goes on.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Reads what it needs before it is called.</summary>
    public abstract Task ActivateAsync();

    /// <summary>Makes it leave memory.</summary>
    public void Deactivate()
    {
        IsGone = true;
        Left();
    }

    /// <summary>It has left memory in an orderly way.</summary>
    protected virtual void Left()
    {
    }

    /// <summary>Does something again and again, as long as this activation is there.</summary>
    protected void Every(TimeSpan interval, Func<Task> what) => silo.Run(async () =>
    {
        while (!IsGone)
        {
            await silo.DelayAsync(interval);
            if (!IsGone)
            {
                await Harmless(what);
            }
        }
    });

    /// <summary>Whoever has nobody to tell of a failed call or store goes on: a sweep repairs it.</summary>
    protected static async Task Harmless(Func<Task> what)
    {
        try
        {
            await what();
        }
        catch (Exception e) when (IsTrouble(e))
        {
            // Its next turn, or a sweep.
        }
    }

    /// <summary>What may happen to a call: everything else is a bug, and ends the simulation.</summary>
    public static bool IsTrouble(Exception e) =>
        e is EventStoreException or EngineUnavailableException or CallFailedException;
}

/// <summary>A call between grains did not come through, or nobody will ever know whether it did.</summary>
internal sealed class CallFailedException(string message) : Exception(message);
