using Elasticity.Client.Http;
using Elasticity.EventStore;

namespace Elasticity.Crash.Tests;

/// <summary>Follows the log over HTTP while it grows, and counts what has happened.</summary>
internal sealed class Witness(HttpElasticity client)
{
    private const int PageLength = 500;

    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private LogCursor _cursor = LogCursor.Start;

    /// <summary>How many events of a type there are by now.</summary>
    public async Task<int> CountAsync(string type)
    {
        LogPage page;
        do
        {
            page = await client.ReadLogAsync(_cursor, PageLength, CancellationToken.None);
            foreach (StoredEvent e in page.Events)
            {
                _counts[e.Record.Type] = _counts.GetValueOrDefault(e.Record.Type) + 1;
            }

            _cursor = page.Next;
        }
        while (!page.IsEnd);
        return _counts.GetValueOrDefault(type);
    }
}
