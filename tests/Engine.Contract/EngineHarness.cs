using Elasticity.Domain;
using Elasticity.EventStore;

namespace Elasticity.Engine.Contract;

/// <summary>One engine on one empty place for data, and a hand on its clock and its life.</summary>
/// <remarks>Disposing stops the engine and removes the data.</remarks>
public abstract class EngineHarness : IAsyncDisposable
{
    /// <summary>The engine that runs now; another one after a restart.</summary>
    public abstract IElasticity Engine { get; }

    /// <summary>The store below the engine, to look at what is durable.</summary>
    public abstract IEventStore Store { get; }

    /// <summary>What the engine's wall clock shows, UTC.</summary>
    public abstract DateTimeOffset Now { get; }

    /// <summary>
    /// Whether what an input causes is stored at once: a task's outcome together with the job's record of it. False
    /// where aggregates tell each other later; the suite then waits until it is quiet.
    /// </summary>
    public virtual bool IsAtomic => true;

    /// <summary>Starts the engine for the first time.</summary>
    /// <param name="settings">How the suite wants it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>When it serves.</returns>
    public abstract Task StartAsync(EngineSettings settings, CancellationToken cancellationToken);

    /// <summary>Ends the engine without warning, as a crash does, and starts it again on the same data.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>When it serves again.</returns>
    public abstract Task RestartAsync(CancellationToken cancellationToken);

    /// <summary>Lets time pass for the engine, evenly: it notices no freeze.</summary>
    /// <param name="by">How much; zero lets the engine take a step and no time pass.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>When what became due is done and durable.</returns>
    public abstract Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken);

    /// <summary>What is still to happen before the log is read at the end of a test.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>When it has happened.</returns>
    public virtual Task FinishAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>How the suite wants an engine: with limits that tests can reach.</summary>
/// <param name="Limits">The limits of the domain.</param>
/// <param name="SessionSilenceMax">A session without leases that was silent for so long is over.</param>
public sealed record EngineSettings(Limits Limits, TimeSpan SessionSilenceMax);
