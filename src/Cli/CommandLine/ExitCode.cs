namespace Elasticity.Cli.CommandLine;

/// <summary>How the program ends; part of its public interface, docs/reference/cli.md.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>It ran, but not all is well: a task was dead-lettered, a job failed, something was found.</summary>
    public const int Failed = 1;

    /// <summary>Refused: wrong usage, wrong input, a key that will not do, or the engine said "no". Nothing was
    /// done.</summary>
    public const int Refused = 2;

    /// <summary>The store or the server cannot be used now. Nothing accepted is lost; try again.</summary>
    public const int Unavailable = 3;

    /// <summary>Stopped by Ctrl-C (SIGINT).</summary>
    public const int Interrupted = 130;

    /// <summary>Stopped by SIGTERM.</summary>
    public const int Terminated = 143;
}
