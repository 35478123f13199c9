namespace Elasticity.Cli.Work;

/// <summary>A worker cannot go on: the engine said "no" to it for good.</summary>
internal sealed class WorkerException(string code, string message) : Exception(message)
{
    /// <summary>A rejection's code.</summary>
    public string Code => code;
}
