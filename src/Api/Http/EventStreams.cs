using Elasticity.Contracts;
using Elasticity.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Elasticity.Api.Http;

/// <summary>Runs streams of server-sent events: their number is limited, they show signs of life, and they end when the
/// server stops.</summary>
internal sealed class EventStreams(
    IElasticity engine,
    ApiOptions options,
    EdgeCounters counters,
    IHostApplicationLifetime lifetime,
    TimeProvider time)
{
    /// <summary>Reads what is new and sends it.</summary>
    /// <returns>False at the end of the stream.</returns>
    public delegate ValueTask<bool> Turn(EventStreamWriter writer, CancellationToken cancellationToken);

    /// <summary>Takes turns until the end, the client's leaving or the server's stop.</summary>
    /// <param name="http">The request.</param>
    /// <param name="pause">The shortest time between two turns.</param>
    /// <param name="turn">What to do when something may be new. Sends at least once in the first turn, or
    /// nothing.</param>
    public async Task RunAsync(HttpContext http, TimeSpan pause, Turn turn)
    {
        if (!counters.TryOpenStream(options.StreamsMax))
        {
            throw new RefusedException(
                ProblemCode.TooManyStreams, $"The server keeps at most {options.StreamsMax} event streams open.");
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            EventStreamWriter writer = await EventStreamWriter.StartAsync(http, time, either.Token);
            while (await turn(writer, either.Token))
            {
                await Task.Delay(pause, time, either.Token);
                await WaitForNewsAsync(writer, either.Token);
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The client comes again with its Last-Event-ID, or went for good.
        }
        finally
        {
            counters.CloseStream();
        }
    }

    // The engine says at least once a second that there may be news, so that most turns find nothing to send.
    private async ValueTask WaitForNewsAsync(EventStreamWriter writer, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(writer.SentAt) >= options.KeepAlive)
        {
            await writer.KeepAliveAsync();
        }

        await engine.WaitForNewsAsync(cancellationToken);
    }
}
