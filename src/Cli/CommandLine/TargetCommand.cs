using System.CommandLine;
using Elasticity.Domain;
using Elasticity.Engine;

namespace Elasticity.Cli.CommandLine;

/// <summary>A command on a server or a data directory, with JSON for programs.</summary>
internal abstract class TargetCommand : DocumentedCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "JSON, one document a line; errors as JSON." };

    /// <summary>Makes the command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">One sentence.</param>
    /// <param name="parameters">What it takes besides the target.</param>
    protected TargetCommand(string name, string description, params Symbol[] parameters)
        : base(name, description)
    {
        foreach (Symbol parameter in parameters)
        {
            if (parameter is Argument argument)
            {
                Add(argument);
            }
            else
            {
                Add((Option)parameter);
            }
        }

        Target.AddTo(this);
        Add(_json);
        SetAction(RunAsync);
    }

    /// <summary>Does it.</summary>
    /// <param name="parsed">What was asked for.</param>
    /// <param name="target">On what.</param>
    /// <param name="output">Where the answer goes.</param>
    /// <param name="stop">Ctrl-C.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    protected abstract Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop);

    /// <summary>An argument that is the id of a job.</summary>
    protected static Argument<string> JobArgument() => new("JOB") { Description = "The job's id." };

    /// <summary>The id of a job, checked.</summary>
    protected static JobId JobOf(string id) => Identifier.IsValid(id)
        ? new JobId(id)
        : throw CliException.Refused(RejectionCode.Invalid, $"A job's id is 1 to 128 of [A-Za-z0-9._-], not '{id}'.");

    /// <summary>The answer, or the end of the command.</summary>
    protected static T Accepted<T>(Reply<T> reply)
        where T : class => reply.IsAccepted ? reply.Value : throw CliException.Of(reply.Rejection);

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using Stopping stopping = new(tell: null);
        try
        {
            return await RunAsync(
                parsed, Target.Of(parsed), new Output(Console.Out, parsed.GetValue(_json)), stopping.Asked);
        }
        catch (OperationCanceledException) when (stopping.Exit != 0)
        {
            return stopping.Exit;
        }
    }
}
