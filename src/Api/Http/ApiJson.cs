using System.Text.Encodings.Web;
using System.Text.Json;
using Elasticity.Contracts;

namespace Elasticity.Api.Http;

/// <summary>Writes answers that people read: letters stay letters, where the default would write <c>\u00E9</c>. Safe
/// because every answer says that it is JSON, and that nobody may guess otherwise.</summary>
internal static class ApiJson
{
    public static ContractsJson Readable { get; } = new(new JsonSerializerOptions(ContractsJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
