using Elasticity.Engine;

namespace Elasticity.Cli.Bench;

/// <summary>What is measured: an engine, and agents that can be started.</summary>
internal abstract class BenchSite : IAsyncDisposable
{
    /// <summary>The engine.</summary>
    public abstract IElasticity Engine { get; }

    /// <summary>The engine as the client with a number sees it: where there are several servers, by another one than
    /// the client before.</summary>
    public virtual IElasticity EngineOf(int client) => Engine;

    /// <summary>For the report.</summary>
    public abstract string Name { get; }

    /// <summary>What was written and synchronised, for the report.</summary>
    public abstract string Durability { get; }

    /// <summary>Whether all that the engine stores is of this run, and counted when it is answered. Of a server that
    /// was running before neither is known: others may use it, and a cluster sums up once a second.</summary>
    public abstract bool IsStoreOwn { get; }

    /// <summary>The processes whose memory counts, by what they are.</summary>
    public abstract IReadOnlyList<(string Name, int Id)> Processes { get; }

    /// <summary>Brings the agents so far that they only wait for <see cref="StartAgents"/>: what is measured is their
    /// work, not how long a process takes to start.</summary>
    public virtual Task PrepareAgentsAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Starts the agents.</summary>
    public abstract void StartAgents();

    /// <summary>Makes sure that what was started still runs: nobody waits for the dead.</summary>
    /// <exception cref="CommandLine.CliException">Something ended.</exception>
    public virtual void Check()
    {
        // In this process nothing ends unnoticed.
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>What an append to a store means.</summary>
    protected static string DurabilityOf(string store) => store switch
    {
        BenchOptions.MemoryStore => "nothing is written: the memory store forgets everything with the process",
        BenchOptions.SqliteStore =>
            "SQLite, WAL, synchronous=FULL: every append is synchronised before it is answered",
        _ => "PostgreSQL: every append is committed before it is answered; the server's fsync and synchronous_commit "
            + "say what that means",
    };
}
