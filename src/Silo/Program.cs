using Elasticity.EventStore;
using Elasticity.Silo;
using Microsoft.Extensions.Configuration;

bool isMigrating = args is ["migrate", ..];
IConfigurationRoot configuration = new ConfigurationBuilder()
    .AddJsonFile(Path.GetFullPath("elasticity-silo.json"), optional: true)
    .AddEnvironmentVariables("ELASTICITY_SILO_")
    .AddCommandLine(isMigrating ? args[1..] : args)
    .Build();
SiloOptions options = configuration.Get<SiloOptions>() ?? new SiloOptions();
if (options.Problem() is { } problem)
{
    await Console.Error.WriteLineAsync($"elasticity-silo: {problem}");
    return 2;
}

try
{
    if (isMigrating)
    {
        await SiloProgram.MigrateAsync(options, CancellationToken.None);
        return 0;
    }

    await SiloProgram.RunAsync(options);
    return 0;
}
catch (Exception e) when (e is EventStoreException or InvalidOperationException or IOException)
{
    await Console.Error.WriteLineAsync($"elasticity-silo: {e.Message}");
    return 1;
}
