using System.Reflection;
using Elasticity.EventStore;

namespace Elasticity.Silo;

/// <summary>The command line of a silo.</summary>
internal static class SiloCommand
{
    private const int Failed = 1;
    private const int Misused = 2;

    /// <summary>Does what it is told to.</summary>
    /// <param name="build">The program.</param>
    /// <param name="args">The command line.</param>
    /// <returns>The exit code: 0, or one that the help explains.</returns>
    public static async Task<int> RunAsync(SiloBuild build, string[] args)
    {
        bool isMigrating = args is ["migrate", ..];
        string[] rest = isMigrating ? args[1..] : args;
        if (rest.Contains("--help") || rest.Contains("-h"))
        {
            Console.WriteLine(Help(build));
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
            SiloOptions options = SiloConfiguration.Read(rest, Environment.GetEnvironmentVariables(), build);
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
            return await SayAsync(build, e, Misused);
        }
        catch (Exception e) when (
            e is EventStoreException or InvalidOperationException or IOException or System.Net.Sockets.SocketException)
        {
            return await SayAsync(build, e, Failed);
        }
    }

    private static string Help(SiloBuild build) =>
        $"""
        {build.Name} [--Option value]...           runs a silo until SIGTERM or Ctrl+C
        {build.Name} migrate [--Option value]...   creates the schemas, or brings them up to date
        {build.Name} --version | --help

        Options, from {SiloConfiguration.DefaultFile}, the environment as {SiloConfiguration.Prefix}NAME, or the command
        line; the later one wins. Case does not matter.

        {SiloConfiguration.Help(build)}

        Exit codes: 0 stopped as told; 1 it failed, and says why; 2 an option is wrong; 134 declared dead by the others.
        """;

    private static async Task<int> SayAsync(SiloBuild build, Exception exception, int exitCode)
    {
        await Console.Error.WriteLineAsync($"{build.Name}: {exception.Message}");
        return exitCode;
    }
}
