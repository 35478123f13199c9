using System.Reflection;
using Elasticity.EventStore;
using Elasticity.Silo;

const int Failed = 1;
const int Misused = 2;

bool isMigrating = args is ["migrate", ..];
string[] rest = isMigrating ? args[1..] : args;
if (rest.Contains("--help") || rest.Contains("-h"))
{
    Console.WriteLine(
        $"""
        elasticity-silo [--Option value]...           runs a silo until SIGTERM or Ctrl+C
        elasticity-silo migrate [--Option value]...   creates the schemas, or brings them up to date
        elasticity-silo --version | --help

        Options, from {SiloConfiguration.DefaultFile}, the environment as {SiloConfiguration.Prefix}NAME, or the command
        line; the later one wins. Case does not matter.

        {SiloConfiguration.Help()}

        Exit codes: 0 stopped as told; 1 it failed, and says why; 2 an option is wrong; 134 declared dead by the others.
        """);
    return 0;
}

if (rest is ["--version"])
{
    Console.WriteLine(
        Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion);
    return 0;
}

try
{
    SiloOptions options = SiloConfiguration.Read(rest, Environment.GetEnvironmentVariables());
    if (isMigrating)
    {
        Console.WriteLine(await SiloDatabase.MigrateAsync(options, CancellationToken.None));
    }
    else
    {
        await SiloProgram.RunAsync(options);
    }

    return 0;
}
catch (SiloUsageException e)
{
    return await SayAsync(e, Misused);
}
catch (Exception e) when (
    e is EventStoreException or InvalidOperationException or IOException or System.Net.Sockets.SocketException)
{
    return await SayAsync(e, Failed);
}

static async Task<int> SayAsync(Exception exception, int exitCode)
{
    await Console.Error.WriteLineAsync($"elasticity-silo: {exception.Message}");
    return exitCode;
}
