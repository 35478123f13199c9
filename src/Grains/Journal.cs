namespace Elasticity.Grains;

/// <summary>What all journaled grains have in common.</summary>
internal static class Journal
{
    /// <summary>The log-consistency provider: the grains store their events themselves.</summary>
    public const string Provider = "elasticity";
}
