using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Elasticity.EventStore.PostgreSql.Tests;

/// <summary>The network between a store and its server, which a test can hold up and cut.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly List<Line> _lines = [];
    private readonly List<Task> _tasks = [];
    private readonly Lock _lock = new();
    private TcpListener _listener = new(IPAddress.Loopback, 0);

    public Wire(string connectionString)
    {
        _settings = new NpgsqlConnectionStringBuilder(connectionString);
        Listen();
        NpgsqlConnectionStringBuilder settings = new(connectionString)
        {
            Host = IPAddress.Loopback.ToString(),
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
            SslMode = SslMode.Disable,
        };
        ConnectionString = settings.ConnectionString;
    }

    /// <summary>What a store uses to reach the server over this wire.</summary>
    public string ConnectionString { get; }

    /// <summary>Keeps what stores send from now on, until <see cref="DeliverAsync"/>.</summary>
    public void HoldRequests() => Each(l => l.HoldsRequests = true);

    /// <summary>Keeps what the server answers from now on; the answers are lost.</summary>
    public void LoseAnswers() => Each(l => l.LosesAnswers = true);

    /// <summary>Waits until something was kept, or lost, on some line.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) =>
        Task.WhenAny(Snapshot().Select(l => l.Stopped)).WaitAsync(cancellationToken);

    /// <summary>Breaks every connection as the stores see it; new ones are refused. The server does not hear of
    /// it.</summary>
    public void Cut()
    {
        _listener.Stop();
        Each(l => l.Store.Close());
    }

    /// <summary>Accepts new connections again.</summary>
    public void Mend()
    {
        IPEndPoint endpoint = new(IPAddress.Loopback, new NpgsqlConnectionStringBuilder(ConnectionString).Port);
        _listener = new TcpListener(endpoint);
        Listen();
    }

    /// <summary>Gives the server what was kept, though nobody waits for the answer any more.</summary>
    /// <returns>When the server has answered or hung up.</returns>
    public async Task DeliverAsync(CancellationToken cancellationToken)
    {
        foreach (Line line in Snapshot().Where(l => l.Held.Length > 0))
        {
            await line.DeliverAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        Each(l => l.Dispose());
        await Task.WhenAll(_tasks);
    }

    private void Listen()
    {
        _listener.Start();
        _tasks.Add(AcceptAsync(_listener));
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                Line line = new(await listener.AcceptTcpClientAsync());
                await line.Server.ConnectAsync(_settings.Host!, _settings.Port);
                lock (_lock)
                {
                    _lines.Add(line);
                }

                _tasks.Add(line.RequestsAsync());
                _tasks.Add(line.AnswersAsync());
            }
        }
        catch (SocketException)
        {
            // The listener was stopped.
        }
    }

    private Line[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _lines];
        }
    }

    private void Each(Action<Line> action) => Array.ForEach(Snapshot(), l => action(l));

    /// <summary>One connection.</summary>
    private sealed class Line(TcpClient store) : IDisposable
    {
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TcpClient Store { get; } = store;

        public TcpClient Server { get; } = new();

        public MemoryStream Held { get; } = new();

        public Task Stopped => _stopped.Task;

        public volatile bool HoldsRequests;

        public volatile bool LosesAnswers;

        public Task RequestsAsync() => PumpAsync(Store, Server, () => HoldsRequests, bytes => Held.Write(bytes.Span));

        public Task AnswersAsync() => PumpAsync(Server, Store, () => LosesAnswers, _ => _answered.TrySetResult());

        public async Task DeliverAsync(CancellationToken cancellationToken)
        {
            LosesAnswers = true;
            await Server.GetStream().WriteAsync(Held.ToArray(), cancellationToken);
            await _answered.Task.WaitAsync(cancellationToken);
        }

        public void Dispose()
        {
            Store.Dispose();
            Server.Dispose();
        }

        private async Task PumpAsync(
            TcpClient from, TcpClient to, Func<bool> stops, Action<ReadOnlyMemory<byte>> keep)
        {
            byte[] buffer = new byte[65_536];
            try
            {
                int length;
                while ((length = await from.GetStream().ReadAsync(buffer)) > 0)
                {
                    ReadOnlyMemory<byte> bytes = buffer.AsMemory(0, length);
                    if (!stops())
                    {
                        await to.GetStream().WriteAsync(bytes);
                        continue;
                    }

                    keep(bytes);
                    _stopped.TrySetResult();
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // One end hung up, or the test cut the wire.
            }

            _answered.TrySetResult();
        }
    }
}
