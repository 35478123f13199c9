using Elasticity.Engine;

namespace Elasticity.Api.Inspection;

/// <summary>Asks the engine for its queues, and does not wait for one that lags.</summary>
internal static class PromptQueues
{
    /// <summary>Asks; a question that comes to nothing in time is withdrawn.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="options">How long to wait: <see cref="ApiOptions.ReadyTimeout"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The queues; null when the engine did not answer in time.</returns>
    public static async Task<IReadOnlyList<QueueView>?> AskAsync(
        IElasticity engine, ApiOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(options.ReadyTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, late.Token);
        try
        {
            return await engine.ListQueuesAsync(either.Token).AsTask().WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return null;
        }
    }
}
