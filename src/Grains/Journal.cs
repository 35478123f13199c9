namespace Elasticity.Grains;

/// <summary>How the journaled grains are wired.</summary>
public static class Journal
{
    /// <summary>The name of the log-consistency provider on the event store.</summary>
    public const string Provider = "elasticity";
}
