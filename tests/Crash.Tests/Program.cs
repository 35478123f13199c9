using System.Text.Json;
using Elasticity.Agent.Sdk;
using Elasticity.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Crash.Tests;

/// <summary>A server or an agent in a process of its own, to be killed: <c>server URL DIRECTORY [CONNECTION]</c>,
/// <c>agent URL ID</c>.</summary>
internal static class Program
{
    /// <summary>What a child says when it is up.</summary>
    public const string Up = "up";

    public static async Task<int> Main(string[] args)
    {
        if (args[0] == "server")
        {
            ServerOptions options = new()
            {
                Listen = args[1], DataDirectory = args[2], PostgreSql = args.Length > 3 ? args[3] : null,
            };
            await using ElasticityServer server = await ElasticityServer.StartAsync(
                options, b => b.Logging.ClearProviders());
            Console.WriteLine(Up);
            await Console.In.ReadToEndAsync(); // Until whoever started it is gone.
            return 0;
        }

        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddElasticityAgent(agent =>
        {
            agent.Server = new Uri(args[1]);
            agent.AgentId = args[2];
            agent.Slots = 8;
        }).AddHandler<JsonElement, JsonElement>(Load.Kind, async (payload, context, cancellationToken) =>
        {
            int milliseconds = payload.GetProperty("milliseconds").GetInt32();
            bool isHeld = payload.GetProperty("isHeld").GetBoolean();
            await Task.Delay(isHeld ? Timeout.Infinite : milliseconds, cancellationToken);
            return context.Run != payload.GetProperty("failsInRun").GetInt32()
                ? payload
                : throw new TaskFailedException("as-ordered", "Its job was ordered so.");
        });
        using IHost host = builder.Build();
        await host.StartAsync();
        Console.WriteLine(Up);
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
