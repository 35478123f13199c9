namespace Elasticity.Simulator.Checks;

/// <summary>What is durable about jobs, for those in the simulation who know everything.</summary>
internal sealed class ModelJobs(LogModel log)
{
    public ModelJob? Find(Domain.JobId id) => log.Jobs.GetValueOrDefault(id.Value);
}
