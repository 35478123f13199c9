namespace Elasticity.Engine.Embedded;

/// <summary>Submitting.</summary>
public sealed partial class EmbeddedEngine
{
    /// <inheritdoc/>
    public ValueTask<Reply<SubmitReceipt>> SubmitAsync(JobSubmission submission, CancellationToken cancellationToken) =>
        new JobSubmitter(_options.Core.Limits, AskJobAsync).SubmitAsync(submission, cancellationToken);
}
