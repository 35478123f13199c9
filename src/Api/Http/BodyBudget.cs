using Elasticity.Contracts;

namespace Elasticity.Api.Http;

/// <summary>
/// The memory that all request bodies together may take. A body that does not fit waits until others are answered, in
/// the order of arrival; small bodies have a share of their own, so that heartbeats and results do not stand behind
/// submits.
/// </summary>
internal sealed class BodyBudget
{
    /// <summary>The largest small body, in bytes.</summary>
    public const int SmallBytes = 256 * 1024;

    /// <summary>How much memory a byte of a body takes until its request is answered: itself, what is parsed from it,
    /// the payloads copied out of it, and the engine's event with them. Measured: 3.7.</summary>
    public const int CostOfByte = 4;

    /// <summary>What an object in a body takes when it is parsed, however short its text is.</summary>
    public const int CostOfObject = 512;

    private const int WaitingMax = 128; // The server buffers up to 1 MiB of each body that waits.

    private readonly Lane _small;
    private readonly Lane _large;

    /// <summary>Divides the budget.</summary>
    /// <param name="options">How much, and how long a body waits.</param>
    /// <param name="time">Measures the wait.</param>
    public BodyBudget(ApiOptions options, TimeProvider time)
    {
        long small = options.BodyMemoryMax / 4;
        _small = new Lane(small, options.BodyWait, time);
        _large = new Lane(options.BodyMemoryMax - small, options.BodyWait, time);
    }

    /// <summary>Takes the memory for a body, as soon as it is there. A body that is larger than the whole share is let
    /// in when it is alone.</summary>
    /// <param name="bytes">How long the body is, or may become.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Gives the memory back when it is disposed of.</returns>
    /// <exception cref="RefusedException"><c>engine-overloaded</c>: it waited for too long, or too many wait.
    /// </exception>
    public ValueTask<Share> TakeAsync(int bytes, CancellationToken cancellationToken) =>
        (bytes <= SmallBytes ? _small : _large).TakeAsync((long)bytes * CostOfByte, cancellationToken);

    /// <summary>Memory that a body has.</summary>
    public sealed class Share : IDisposable
    {
        private readonly Lane _lane;
        private long _size;

        internal Share(Lane lane, long size)
        {
            _lane = lane;
            _size = size;
        }

        /// <summary>How much it is.</summary>
        public long Size => _size;

        /// <summary>The body turned out to need more, or less. Never waits: it is in memory already, and those who wait
        /// for each other would wait for ever. Others come in later instead.</summary>
        public void Add(long size)
        {
            _lane.Return(-size);
            _size += size;
        }

        /// <summary>Gives the memory back; once.</summary>
        public void Dispose() => _lane.Return(Interlocked.Exchange(ref _size, 0));
    }

    /// <summary>A part of the budget with a queue.</summary>
    internal sealed class Lane(long max, TimeSpan wait, TimeProvider time)
    {
        private readonly Lock _gate = new();
        private readonly LinkedList<Waiter> _waiting = [];
        private long _used;

        public async ValueTask<Share> TakeAsync(long size, CancellationToken cancellationToken)
        {
            LinkedListNode<Waiter> waiter;
            lock (_gate)
            {
                if (_waiting.Count == 0 && Fits(size))
                {
                    _used += size;
                    return new Share(this, size);
                }

                if (_waiting.Count == WaitingMax)
                {
                    throw Overloaded();
                }

                waiter = _waiting.AddLast(new Waiter(size));
            }

            try
            {
                await waiter.Value.Admitted.WaitAsync(wait, time, cancellationToken);
                return new Share(this, size);
            }
            catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
            {
                Leave(waiter);
                throw exception is TimeoutException ? Overloaded() : exception;
            }
        }

        public void Return(long size)
        {
            lock (_gate)
            {
                _used -= size;
                Admit();
            }
        }

        private void Leave(LinkedListNode<Waiter> waiter)
        {
            lock (_gate)
            {
                if (waiter.List is null)
                {
                    _used -= waiter.Value.Size; // It was let in at the same moment.
                }
                else
                {
                    _waiting.Remove(waiter);
                }

                Admit();
            }
        }

        private void Admit()
        {
            while (_waiting.First is { } first && Fits(first.Value.Size))
            {
                _used += first.Value.Size;
                _waiting.RemoveFirst();
                first.Value.Admit();
            }
        }

        private bool Fits(long size) => _used == 0 || _used + size <= max;

        private static RefusedException Overloaded() => new(
            ProblemCode.EngineOverloaded, "Too many request bodies are in memory already: try again in a moment.");
    }

    private sealed class Waiter(long size)
    {
        private readonly TaskCompletionSource _admitted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Size => size;

        public Task Admitted => _admitted.Task;

        public void Admit() => _admitted.SetResult();
    }
}
