using Elasticity.Server;

namespace Elasticity.Cli.Run;

/// <summary>What <c>elasticity run</c> was asked for.</summary>
internal sealed record RunOptions
{
    /// <summary>The job file, <c>-</c> for standard input; null when there is none.</summary>
    public string? JobFile { get; init; }

    /// <summary>The command for each line of standard input; null when there is none.</summary>
    public string? Exec { get; init; }

    /// <summary>The job's id; null lets one be made from what the job is.</summary>
    public string? Job { get; init; }

    /// <summary>The data directory.</summary>
    public string Data => Settings.DataDirectory;

    /// <summary>The data directory, its limits and other settings.</summary>
    public required ServerOptions Settings { get; init; }

    /// <summary>How many commands run at once.</summary>
    public required int Parallel { get; init; }

    /// <summary>How often a failed task is tried again; null means the default.</summary>
    public int? Retries { get; init; }

    /// <summary>How long a command may run; null means as long as it likes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Where the results go, <c>-</c> for standard output; null means nowhere.</summary>
    public string? Results { get; init; }

    /// <summary>NUL separates the items of standard input, not the end of a line.</summary>
    public bool IsNullSeparated { get; init; }

    /// <summary>Says nothing but what went wrong.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>The job as JSON on standard output, at the end.</summary>
    public bool AsJson { get; init; }
}
