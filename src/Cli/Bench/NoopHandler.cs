using System.Buffers.Text;
using System.Diagnostics;
using Elasticity.Cli.Work;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Cli.Bench;

/// <summary>Does nothing, and does it at once. A task of the kind <see cref="StampKind"/> answers when it was
/// started.</summary>
internal sealed class NoopHandler : ITaskHandler
{
    /// <summary>Tasks that do nothing.</summary>
    public const string Kind = "noop";

    /// <summary>Tasks that answer <see cref="Stopwatch.GetTimestamp"/>, which is one clock for all processes of a
    /// machine.</summary>
    public const string StampKind = "noop-stamp";

    private static readonly Settlement Done = new Settlement.Succeeded(Payload.None);

    /// <inheritdoc/>
    public ValueTask<Settlement> HandleAsync(LeasedTask task, CancellationToken stop)
    {
        Settlement settlement = task.Kind == StampKind ? new Settlement.Succeeded(new Payload(Stamp())) : Done;
        return new ValueTask<Settlement>(settlement);
    }

    /// <summary>Now, as a JSON number.</summary>
    public static ReadOnlyMemory<byte> Stamp()
    {
        byte[] stamp = new byte[20];
        Utf8Formatter.TryFormat(Stopwatch.GetTimestamp(), stamp, out int length);
        return stamp.AsMemory(0, length);
    }
}
