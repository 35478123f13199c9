using System.Threading.Channels;

namespace Elasticity.Cli.Work;

/// <summary>"Something changed": set many times before it is waited for, it wakes one waiter once.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wakes the waiter, now or when it comes.</summary>
    public void Set() => _channel.Writer.TryWrite(true);

    /// <summary>Waits for the next <see cref="Set"/>.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) =>
        await _channel.Reader.ReadAsync(cancellationToken);
}
