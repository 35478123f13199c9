using System.Diagnostics;
using Elasticity.Agent.Sdk.Core;
using Elasticity.Agent.Sdk.Handlers;
using Elasticity.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Elasticity.Agent.Sdk.Running;

/// <summary>One handler at work.</summary>
internal sealed class Execution : IThreadPoolWorkItem, IDisposable
{
    private const int CodeLengthMax = 128;

    private readonly AgentPump _pump;
    private readonly HandlerHost _host;
    private readonly CancellationTokenSource _stop = new();
    private string? _progress;
    private int _stopReason;

    public Execution(AgentPump pump, HandlerHost host, AgentLease lease)
    {
        _pump = pump;
        _host = host;
        Lease = lease;
    }

    public AgentLease Lease { get; }

    public CancellationToken StopToken => _stop.Token;

    public StopReason StopReason => (StopReason)Volatile.Read(ref _stopReason);

    /// <summary>Starts the handler on the thread pool.</summary>
    public void Start() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    /// <summary>Asks the handler to stop. What it registered with the token runs on the thread pool, not
    /// here.</summary>
    public void Stop(StopReason reason)
    {
        Volatile.Write(ref _stopReason, (int)reason);
        _ = _stop.CancelAsync();
    }

    public void ReportProgress(string text)
    {
        if (Interlocked.Exchange(ref _progress, text) is null)
        {
            _pump.PostProgress(this);
        }
    }

    /// <summary>The last word that was not taken yet.</summary>
    public string? TakeProgress() => Interlocked.Exchange(ref _progress, null);

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        HandlerEnd end;
        long start = Stopwatch.GetTimestamp();
        using (Activity? activity = AgentDiagnostics.Begin(Lease.Document))
        {
            end = await InvokeAsync().ConfigureAwait(false);
            AgentDiagnostics.End(activity, Lease.Document.Kind, end, Stopwatch.GetElapsedTime(start));
        }

        _pump.Post(new AgentInput.Finished(Lease, end));
    }

    private async Task<HandlerEnd> InvokeAsync()
    {
        LeasedTaskDocument task = Lease.Document;
        try
        {
            TaskInvoker invoker = _host.Handlers.Find(task.Kind)
                ?? throw new TaskFailedException("kind-unknown", $"This agent does not offer '{task.Kind}'.");
            AsyncServiceScope scope = _host.Scopes.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
            {
                TaskContext context = new(this, task, _host.AgentId, scope.ServiceProvider);
                return new HandlerEnd.Succeeded(await invoker(context, _host.Json).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return new HandlerEnd.Stopped();
        }
        catch (TaskFailedException exception)
        {
            // Said on purpose: where in the handler, is of no interest, and its cause is.
            AgentLog.HandlerRefused(
                _host.Logger,
                task.Kind,
                task.Job,
                task.Index,
                task.Attempt,
                exception.Code,
                exception.Message,
                exception.InnerException);
            return Failed(exception.Code, exception, exception.IsFinal ? true : null, exception.Result, true);
        }
#pragma warning disable CA1031 // the edge between the agent and a handler: whatever it throws fails the attempt
        catch (Exception exception)
#pragma warning restore CA1031
        {
            AgentLog.HandlerFailed(_host.Logger, task.Kind, task.Job, task.Index, task.Attempt, exception);
            return Failed(exception.GetType().Name, exception, null, default, false);
        }
    }

    private static HandlerEnd.Failed Failed(
        string code, Exception exception, bool? isFinal, RawJson result, bool isDeliberate)
    {
        FailureDocument failure = new()
        {
            Code = Texts.Showable(code, CodeLengthMax) is { Length: > 0 } shown ? shown : "failed",
            Message = exception.Message,
            IsFinal = isFinal,
        };
        return new HandlerEnd.Failed(failure, result, isDeliberate);
    }
}
