using System.Diagnostics.CodeAnalysis;

namespace Elasticity.EventStore.Sqlite;

/// <summary>A request with an answer.</summary>
/// <typeparam name="T">The answer.</typeparam>
internal sealed class WriteRequest<T> : WriteRequest
{
    // The writer must not run what the caller does with the answer.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<WriteSession, T> _work;
    private T? _result;
    private Exception? _failure;

    public WriteRequest(Func<WriteSession, T> work, int weight)
        : base(weight) => _work = work;

    /// <summary>The answer, when it is durable.</summary>
    public Task<T> Answer => _answer.Task;

    [SuppressMessage("Design", "CA1031", Justification = "Whatever it is belongs to the caller of this request alone.")]
    public override void Execute(WriteSession session)
    {
        _failure = null;
        session.Begin();
        try
        {
            _result = _work(session);
        }
        catch (Exception e)
        {
            if (!session.TryUndo())
            {
                throw; // SQLite gave up the transaction, and with it the neighbours.
            }

            // Kept until the transaction is durable, like any answer.
            _failure = e;
        }

        session.End();
    }

    public override void Complete()
    {
        if (_failure is null)
        {
            _answer.SetResult(_result!);
        }
        else
        {
            Fail(_failure);
        }
    }

    public override void Fail(Exception exception)
    {
        _answer.SetException(exception);
        _ = _answer.Task.Exception; // Seen: whoever stopped waiting must not make it an unobserved one.
    }
}
