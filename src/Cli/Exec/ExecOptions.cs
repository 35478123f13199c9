namespace Elasticity.Cli.Exec;

/// <summary>How commands are executed.</summary>
internal sealed record ExecOptions
{
    /// <summary>How many bytes of each output are kept; the beginning is dropped. Default: 64 KiB.</summary>
    public int OutputBytesMax { get; init; } = 64 * 1024;

    /// <summary>How long a command that is asked to end (SIGTERM) may take before it is ended (SIGKILL). Default:
    /// 5 s.</summary>
    public TimeSpan EndMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long output is waited for after the command has ended, should somebody else hold it open. Default:
    /// 1 s.</summary>
    public TimeSpan OutputMax { get; init; } = TimeSpan.FromSeconds(1);
}
