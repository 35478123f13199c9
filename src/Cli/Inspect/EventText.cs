using System.Globalization;
using System.Text;
using Elasticity.Api.Inspection;
using Elasticity.Cli.CommandLine;
using Elasticity.Contracts;
using Elasticity.EventStore;

namespace Elasticity.Cli.Inspect;

/// <summary>Events as people read them.</summary>
internal static class EventText
{
    private const int ContentLengthMax = 400;

    /// <summary>Writes an event.</summary>
    public static void Write(Output output, StoredEvent stored)
    {
        if (output.AsJson)
        {
            output.Json(EventMapping.ToDocument(stored), ContractsJson.Default.EventDocument);
            return;
        }

        string content = Encoding.UTF8.GetString(stored.Record.Content.Span);
        content = content.Length <= ContentLengthMax ? content : $"{content[..ContentLengthMax]}…";
        output.Line(string.Create(
            CultureInfo.InvariantCulture, $"{stored.Stream.Value} {stored.Version} {stored.Record.Type} {content}"));
    }
}
