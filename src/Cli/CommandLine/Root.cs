using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Text.Encodings.Web;
using System.Text.Json;
using Elasticity.Agent.Sdk;
using Elasticity.Cli.Bench;
using Elasticity.Cli.Inspect;
using Elasticity.Cli.Run;
using Elasticity.Cli.Serve;
using Elasticity.Cli.Steer;
using Elasticity.Cli.Work;
using Elasticity.Contracts;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.Server;

namespace Elasticity.Cli.CommandLine;

/// <summary>All commands, and what is the same for all of them: help, wrong usage, trouble.</summary>
internal static class Root
{
    /// <summary>Makes the tree of commands.</summary>
    public static RootCommand Build()
    {
        RootCommand root = new("Runs work that must not be lost: a job of many tasks, on this machine or on many.")
        {
            new RunCommand(),
            new ServerCommand(),
            new AgentCommand(),
            new SubmitCommand(),
            new JobsCommand(),
            new ShowCommand(),
            new WatchCommand(),
            new RedriveCommand(),
            new EraseCommand(),
            new AgentsCommand(),
            new QueuesCommand(),
            new EventsCommand(),
            new DoctorCommand(),
            new VerifyCommand(),
            new BenchCommand(),
            new BenchAgentCommand(),
            new KeysCommand(),
        };
        foreach (Command steer in SteerCommand.All())
        {
            root.Add(steer);
        }

        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples();
        }

        return root;
    }

    /// <summary>Runs one command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        ParseResult parsed = Build().Parse(arguments);
        bool asJson = arguments.Contains("--json");
        if (UsageErrors.Of(parsed) is { Count: > 0 } errors)
        {
            foreach (string error in errors)
            {
                await TellAsync(asJson, "usage", error);
            }

            if (!asJson)
            {
                await Console.Error.WriteLineAsync($"See '{CommandPath(parsed)} --help'.");
            }

            return ExitCode.Refused;
        }

        try
        {
            InvocationConfiguration own = new()
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null, // Signals: Stopping.
            };
            return await parsed.InvokeAsync(own);
        }
#pragma warning disable CA1031 // the edge of the program: whatever went wrong becomes a sentence and an exit code
        catch (Exception e)
#pragma warning restore CA1031
        {
            (int exit, string code, string message) = Explain(e);
            await TellAsync(asJson, code, message);
            return exit;
        }
    }

    private static (int Exit, string Code, string Message) Explain(Exception e) => e switch
    {
        CliException c => (c.Exit, c.Code, c.Message),
        EventStoreException t => (ExitCode.Unavailable, t.Code, t.Message),
        EngineUnavailableException u =>
            (IsRefused(u.Code) ? ExitCode.Refused : ExitCode.Unavailable, u.Code, u.Message),
        AgentStoppedException a =>
            (IsRefused(a.Code) ? ExitCode.Refused : ExitCode.Unavailable, a.Code, a.Message),
        ServerStartException s => (IsWrong(s.Code) ? ExitCode.Refused : ExitCode.Unavailable, s.Code, s.Message),
        WorkerException w => (ExitCode.Refused, w.Code, w.Message),
        OperationCanceledException => (ExitCode.Interrupted, "interrupted", "Stopped."),
        OutOfMemoryException => (ExitCode.Unavailable, "out-of-memory", "There is not enough memory. Split the job."),
        UnauthorizedAccessException or IOException => (ExitCode.Unavailable, "io-error", e.Message),
        _ => (ExitCode.Unavailable, "internal-error", $"This is a defect of elasticity: {e}"),
    };

    /// <summary>Whether the server does not serve this caller: trying again is pointless.</summary>
    private static bool IsRefused(string code) =>
        code is ProblemCode.Unauthorized or ProblemCode.Forbidden or ProblemCode.HostNotAllowed;

    /// <summary>Whether a server cannot start as it is configured: trying again is pointless.</summary>
    private static bool IsWrong(string code) => code is "listen-refused" or "listen-invalid" or "keys-unreadable"
        or "options-invalid" or "settings-invalid" or "settings-unreadable";

    private static async Task TellAsync(bool asJson, string code, string message) =>
        await Console.Error.WriteLineAsync(asJson
            ? $$"""{"code":"{{code}}","detail":"{{Escaped(message)}}"}"""
            : $"elasticity: {code}: {message}");

    private static JsonEncodedText Escaped(string text) =>
        JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

    private static string CommandPath(ParseResult parsed)
    {
        string path = string.Empty;
        for (CommandResult? result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult)
        {
            path = $" {result.Command.Name}{path}";
        }

        return path.TrimStart();
    }
}
