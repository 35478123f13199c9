using System.Text.Json;
using Elasticity.Agent.Sdk.Handlers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Elasticity.Agent.Sdk.Running;

/// <summary>What every execution of an agent needs.</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="Handlers">Its handlers.</param>
/// <param name="Scopes">Gives each execution its own services.</param>
/// <param name="Json">How payloads are read and results written.</param>
/// <param name="Logger">Where failures are logged.</param>
internal sealed record HandlerHost(
    string AgentId, HandlerTable Handlers, IServiceScopeFactory Scopes, JsonSerializerOptions Json, ILogger Logger);
