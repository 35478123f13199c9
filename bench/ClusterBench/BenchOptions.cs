namespace Elasticity.ClusterBench;

/// <summary>What is measured.</summary>
/// <param name="PostgreSql">A connection string; null: in memory, which needs a single silo.</param>
/// <param name="Silos">How many silos, all in this process.</param>
/// <param name="Jobs">How many jobs a phase submits.</param>
/// <param name="TasksPerJob">How many tasks each has.</param>
/// <param name="Agents">How many agents, spread over the silos.</param>
/// <param name="Batch">How many tasks an agent leases and settles in one call.</param>
/// <param name="Calls">How many calls an agent has under way.</param>
/// <param name="Rate">Jobs of one task a second in the steady phase.</param>
/// <param name="Steady">How long that phase lasts.</param>
internal sealed record BenchOptions(
    string? PostgreSql,
    int Silos,
    int Jobs,
    int TasksPerJob,
    int Agents,
    int Batch,
    int Calls,
    int Rate,
    TimeSpan Steady);
