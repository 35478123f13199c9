using Elasticity.QuickStart;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// An agent and a client in one program; they could as well be on two machines. README.md says how to start a server.
Uri server = new(args is [{ } address, ..] ? address : "http://127.0.0.1:8080");
string? key = Environment.GetEnvironmentVariable("ELASTICITY_KEY"); // Needs the roles work, submit and read.

HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services
    .AddElasticityAgent(agent =>
    {
        agent.Server = server;
        agent.ApiKey = key;
        agent.AgentId = "quick-start";
    })
    .AddHandler<CountWords>(CountWords.Kind);
using IHost host = builder.Build();
await host.StartAsync(); // The agent waits for tasks from now on.

bool isGood = await WordCountJob.RunAsync(server, key, Directory.GetFiles(".", "*.md"));
await host.StopAsync(); // It gives back what it has not finished.
return isGood ? 0 : 1;
