using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Elasticity.Cli.CommandLine;

/// <summary>The usual help, and below it the examples of the command.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly HelpAction _usual = new() { MaxWidth = 100 };

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        _usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is DocumentedCommand { Examples: { Count: > 0 } examples })
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach ((string line, string meaning) in examples)
            {
                output.WriteLine($"  # {meaning}");
                output.WriteLine($"  {line}");
            }

            output.WriteLine();
        }

        return ExitCode.Success;
    }
}
