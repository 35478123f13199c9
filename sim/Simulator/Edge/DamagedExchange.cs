using Elasticity.Contracts;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator.Edge;

/// <summary>A question of a client that writes bad JSON. The edge must say what is wrong with it, and no engine may be
/// asked.</summary>
internal sealed class DamagedExchange : ApiExchange
{
    private readonly ApiServer _server;
    private readonly ApiRequest _request;
    private readonly string _code;

    private DamagedExchange(ApiServer server, ApiRequest request, string code) =>
        (_server, _request, _code) = (server, request, code);

    /// <summary>Damages a question in one of three ways.</summary>
    /// <returns>Null for a question without a body.</returns>
    public static DamagedExchange? Of(CoreInput meant, ApiServer server, Chance chance)
    {
        ApiRequest sound = ApiClient.Write(meant);
        if (sound.Body.Length == 0)
        {
            return null;
        }

        (byte[] body, string code) = chance.Int(0, 2) switch
        {
            0 => (sound.Body[..^1], ProblemCode.BadJson),
            1 => ([.. "{\"nobody\":1,"u8, .. sound.Body[1..]], ProblemCode.UnknownField),
            _ => ([.. "{\""u8, 0xFF, .. sound.Body[2..]], ProblemCode.BadJson),
        };
        return new DamagedExchange(server, sound with { Body = body }, code);
    }

    /// <inheritdoc/>
    public override CoreInput Read(object? caller)
    {
        CoreInput read = _server.Read(_request);
        throw new Violation("damage-is-refused", _request.Route, $"read as {Words.Of(read)}, not {_code}");
    }

    /// <inheritdoc/>
    public override object Write(string code, string detail)
    {
        Law.Require(code == _code, "damage-is-refused", _request.Route, $"refused as {code}, not {_code}: {detail}");
        return base.Write(code, detail);
    }
}
