namespace Elasticity.Engine.Embedded;

/// <summary>Submitting.</summary>
public sealed partial class EmbeddedEngine
{
    private const int ChunksUnderWay = 4;

    /// <inheritdoc/>
    public ValueTask<Reply<SubmitReceipt>> SubmitAsync(JobSubmission submission, CancellationToken cancellationToken) =>
        new JobSubmitter(_options.Core.Limits, AskJobAsync, ChunksUnderWay)
            .SubmitAsync(submission, cancellationToken);
}
